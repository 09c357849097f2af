"""A picture of the dbt project: raw tables to reports, layers as columns, drawn from dbt's manifest."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from docs.generator.contracts import REPOSITORY

LINEAGE = REPOSITORY / "docs" / "images" / "lineage.svg"
_LAYERS = ("Raw, proved", "Staging", "Intermediate", "Marts", "Reports")
_COLUMN_WIDTH, _GAP, _MARGIN = 236, 120, 24
_HEADER, _LINE, _TITLE, _BOX_GAP = 64, 15, 22, 12
_PLATFORMS = {
    "meta_ads": ("Meta", "#1f6feb"), "google_ads": ("Google Ads", "#1a7f37"), "tiktok_ads": ("TikTok", "#8250df"),
    "linkedin_ads": ("LinkedIn", "#0a7ea4"), "instagram": ("Instagram", "#bf3989"),
}  # fmt: skip
_OWN = {"raw_registry": "Client files", "raw_fx": "ECB rates", "ops": "Books"}
_GREY = "#57606a"


@dataclass
class Box:
    """One rectangle: a model, or all tables of one platform in one layer."""

    title: str
    layer: int
    colour: str = _GREY
    lines: set[str] = field(default_factory=set)
    x: float = 0
    y: float = 0

    @property
    def height(self) -> float:
        return _TITLE + 6 + _LINE * len(self.lines)


def lineage_svg(manifest: Mapping[str, Any]) -> str:
    """The picture as SVG text; the same manifest gives the same text."""
    boxes: dict[str, Box] = {}
    box_of: dict[str, str] = {}
    nodes = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    for node in (*manifest["sources"].values(), *nodes):
        placed = _place(node)
        if placed is None:
            continue
        key, box, line = placed
        boxes.setdefault(key, box).lines |= {line} if line else set()
        box_of[node["unique_id"]] = key
    edges = {
        (box_of[parent], box_of[node["unique_id"]])
        for node in nodes
        for parent in node["depends_on"]["nodes"]
        if parent in box_of and node["unique_id"] in box_of
    }
    edges = {(source, target) for source, target in edges if boxes[source].layer < boxes[target].layer}
    _arrange(boxes, edges)
    return _drawing(boxes, edges)


def _place(node: Mapping[str, Any]) -> tuple[str, Box, str] | None:
    """Key, box and the line in it of a source or model; None for what the picture leaves out."""
    name = node["name"]
    if node["resource_type"] == "source":
        schema = node["source_name"]
        if schema.removeprefix("raw_") in _PLATFORMS:
            title, colour = _PLATFORMS[schema.removeprefix("raw_")]
            return schema, Box(title, 0, colour), name
        return (schema, Box(_OWN[schema], 0), name) if schema in ("raw_registry", "raw_fx") else None
    group, folder = node["config"].get("group"), node["fqn"][1]
    if group == "staging":
        platform = next((key for key in _PLATFORMS if name.startswith(f"stg_{key}__")), None)
        title, colour = _PLATFORMS[platform] if platform else ("Client files and rates", _GREY)
        return f"staging/{platform}", Box(title, 1, colour), name.split("__")[-1]
    if group == "ad_reporting":
        return "ad_reporting", Box("ad_reporting", 4, "#9a6700"), _family(name)
    if group == "intermediate":
        return name, Box(name, 2), ""
    if group == "reports":
        return name, Box(name, 4, "#9a6700"), ""
    if group == "marts" or folder == "marts":
        return name, Box(name, 3, "#cf222e" if name.startswith("fct_") else _GREY), ""
    return None


def _family(name: str) -> str:
    """ad_reporting has dozens of views: its picture names the platform that each family is of."""
    return re.split(r"__", name)[0] + "__*"


def _arrange(boxes: Mapping[str, Box], edges: set[tuple[str, str]]) -> None:
    """Columns by layer; within a column by the middle of what a box is made from, so that few lines cross."""
    columns = [[key for key, box in boxes.items() if box.layer == layer] for layer in range(len(_LAYERS))]
    heights = [sum(boxes[key].height + _BOX_GAP for key in column) for column in columns]
    order = {platform: rank for rank, platform in enumerate(_PLATFORMS)}
    for layer, column in enumerate(columns):
        if layer < 2:
            rank = {key: order.get(key.removeprefix("raw_").removeprefix("staging/"), len(order)) for key in column}
            column.sort(key=lambda key: (rank[key], key))
        else:
            parents = {key: [boxes[source] for source, target in edges if target == key] for key in column}
            middle = {
                key: sum(box.y + box.height / 2 for box in above) / len(above) if above else 0
                for key, above in parents.items()
            }
            column.sort(key=lambda key: (middle[key], key))
        y = _HEADER + (max(heights) - heights[layer]) / 2
        for key in column:
            boxes[key].x = _MARGIN + layer * (_COLUMN_WIDTH + _GAP)
            boxes[key].y = y
            y += boxes[key].height + _BOX_GAP


def _drawing(boxes: Mapping[str, Box], edges: set[tuple[str, str]]) -> str:
    width = 2 * _MARGIN + len(_LAYERS) * _COLUMN_WIDTH + (len(_LAYERS) - 1) * _GAP
    height = max(box.y + box.height for box in boxes.values()) + _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}" width="{width}" '
        f'height="{height:.0f}" font-family="Helvetica, Arial, sans-serif" role="img" '
        'aria-label="Lineage of the dbt project, from raw tables to reports">',
        f'<rect width="{width}" height="{height:.0f}" fill="#ffffff"/>',
    ]
    for layer, title in enumerate(_LAYERS):
        x = _MARGIN + layer * (_COLUMN_WIDTH + _GAP)
        parts.append(f'<text x="{x}" y="38" font-size="19" font-weight="bold" fill="#1f2328">{escape(title)}</text>')
    for source, target in sorted(edges):
        parts.append(_curve(boxes[source], boxes[target]))
    for key in sorted(boxes):
        parts.extend(_rectangle(boxes[key]))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _curve(source: Box, target: Box) -> str:
    x1, y1 = source.x + _COLUMN_WIDTH, source.y + source.height / 2
    x2, y2 = target.x, target.y + target.height / 2
    bend = min((x2 - x1) / 2, _GAP)
    path = f"M{x1:.0f},{y1:.1f} C{x1 + bend:.0f},{y1:.1f} {x2 - bend:.0f},{y2:.1f} {x2:.0f},{y2:.1f}"
    return f'<path d="{path}" fill="none" stroke="{source.colour}" stroke-opacity="0.38" stroke-width="1.3"/>'


def _rectangle(box: Box) -> list[str]:
    drawn = [
        f'<rect x="{box.x}" y="{box.y:.1f}" width="{_COLUMN_WIDTH}" height="{box.height:.1f}" rx="5" fill="#f6f8fa" '
        f'stroke="{box.colour}" stroke-width="1.4"/>',
        f'<text x="{box.x + 9}" y="{box.y + 18:.1f}" font-size="12.5" font-weight="bold" fill="{box.colour}">'
        f"{escape(box.title)}</text>",
    ]
    for number, line in enumerate(sorted(box.lines)):
        y = box.y + _TITLE + 11 + number * _LINE
        drawn.append(f'<text x="{box.x + 9}" y="{y:.1f}" font-size="11.5" fill="#1f2328">{escape(line)}</text>')
    return drawn
