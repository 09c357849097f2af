"""Block Kit's limits."""

from typing import Any

MOST_BLOCKS = 50
LONGEST_SECTION, LONGEST_HEADER, LONGEST_FIELD = 3000, 150, 2000
MOST_FIELDS, MOST_CONTEXT_ELEMENTS, MOST_ACTIONS = 10, 10, 25
KNOWN_BLOCKS = frozenset(
    {"header", "section", "context", "divider", "actions", "image", "rich_text", "markdown", "input"}
)


def problem_of_blocks(blocks: Any) -> str | None:
    """What Slack would refuse about a message's blocks; None if nothing."""
    if not isinstance(blocks, list):
        return "blocks must be an array"
    if len(blocks) > MOST_BLOCKS:
        return f"no more than {MOST_BLOCKS} items allowed [json-pointer:/blocks]"
    for place, block in enumerate(blocks):
        problem = _problem(block) if isinstance(block, dict) else "must be an object"
        if problem:
            return f"{problem} [json-pointer:/blocks/{place}]"
    return None


def _problem(block: dict[str, Any]) -> str | None:
    kind = block.get("type")
    if kind not in KNOWN_BLOCKS:
        return f"unsupported type: {kind}"
    if kind == "header":
        return _text_problem(block.get("text"), LONGEST_HEADER, ("plain_text",))
    if kind == "section":
        fields = block.get("fields") or []
        if "text" not in block and not fields:
            return "missing required field: text or fields"
        if len(fields) > MOST_FIELDS:
            return f"no more than {MOST_FIELDS} items allowed"
        problems = [_text_problem(field, LONGEST_FIELD, ("plain_text", "mrkdwn")) for field in fields]
        if "text" in block:
            problems.append(_text_problem(block["text"], LONGEST_SECTION, ("plain_text", "mrkdwn")))
        return next((problem for problem in problems if problem), None)
    if kind in ("context", "actions"):
        elements = block.get("elements") or []
        most = MOST_CONTEXT_ELEMENTS if kind == "context" else MOST_ACTIONS
        if not 1 <= len(elements) <= most:
            return f"between 1 and {most} elements allowed"
        if kind == "context":
            texts = [element for element in elements if element.get("type") != "image"]
            found = (_text_problem(element, LONGEST_SECTION, ("plain_text", "mrkdwn")) for element in texts)
            return next((problem for problem in found if problem), None)
    return None


def _text_problem(text: Any, longest: int, kinds: tuple[str, ...]) -> str | None:
    if not isinstance(text, dict) or text.get("type") not in kinds:
        return f"text must be an object of type {' or '.join(kinds)}"
    content = text.get("text")
    if not isinstance(content, str) or not content:
        return "must be more than 0 characters"
    return f"must be less than {longest + 1} characters" if len(content) > longest else None
