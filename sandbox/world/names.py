"""How agencies name things: three languages, several delimiters, and the mistakes that break parsers."""

import random

_PATTERNS = {
    "pt": (
        "[{obj}][{budget}][{funnel}] {theme} - {month:02d}/{year}",
        "SO_{channel}_{obj}_{theme}_{audience}_{budget}",
        "{theme} | {obj} | {funnel} | {audience}",
        "PS_{obj}_{theme}_BR_{funnel}",
    ),
    "en": (
        "US_{obj}_{funnel}_{audience}_{budget}_{year}Q{quarter}",
        "{theme} | {obj} | {funnel}",
        "g:us~f:{funnel}~o:{obj}~t:{theme}",
        "{obj} - {theme} - {audience}",
    ),
    "es": (
        "ES_{obj}_{theme}_{funnel}_{year}",
        "[{obj}] {theme} / {audience} / {funnel}",
        "{theme} - {obj} - {budget}",
    ),
}
WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "pt": {
        "obj": ("VENDAS", "conv", "CADASTRO", "TRAFEGO", "MSG", "ALCANCE"),
        "funnel": ("TOPO", "MEIO", "FUNDO", "RMKT"),
        "theme": (
            "Black Friday",
            "Promoção Relâmpago",
            "Coleção Verão",
            "Dia das Crianças",
            "Institucional",
            "Frete Grátis",
        ),
        "audience": ("LAL1", "LAL 3%", "interesse", "aberto", "lista_clientes", "vc_75"),
    },
    "en": {
        "obj": ("CONV", "SALES", "LEADS", "TRAFFIC", "BRAND"),
        "funnel": ("tof", "mof", "bof", "retarget"),
        "theme": ("Fall Hike", "Cyber Week", "Trail Shoes", "Gift Guide", "Evergreen", "Clearance"),
        "audience": ("Broad", "LAL1", "Interests", "ig_eng_90d", "Customers"),
    },
    "es": {
        "obj": ("VENTAS", "CONV", "LEADS", "TRAFICO"),
        "funnel": ("TOF", "MOF", "BOF", "RMK"),
        "theme": ("Puente Diciembre", "Canarias", "Escapadas Otoño", "Marca", "Esquí", "Última Hora"),
        "audience": ("abierto", "LAL 2%", "visitantes_30d", "intereses"),
    },
}
BUDGETS = ("ABO", "CBO", "ASC", "PMAX")
CREATIVES = ("vid01", "vd_ugc_hook3", "car", "est", "img_02_v3", "9x16", "story_promo", "RSA A", "RSA B")
# Names that have broken somebody's report: markup, formulas, nothing at all.
NASTY_NAMES = (
    "<!channel> & <b>oferta</b>",
    "🔥👩‍👩‍👧 Promo imperdível",
    "retargeting 2026 ",
    "null",
    '=HYPERLINK("x")',
    "Conversa\u0303o\u00a0 dupla",
    "50% OFF; 'aspas', \"quotes\" \\N",
)
# Met on TikTok and LinkedIn only: the list above is drawn from by its length.
FURTHER_NASTY_NAMES = (
    *NASTY_NAMES,
    "חדש \u202eמבצע\u202c 50%",
    "linha 1\nlinha 2\t|\t'aspas' \"quotes\"",
    "Ação" + " longa" * 80,
    "\u200bzero\u200dwidth\ufeff",
)


def nasty_names(platform: str) -> tuple[str, ...]:
    """Names that have broken somebody's report, as they turn up on a platform."""
    return NASTY_NAMES if platform in ("meta_ads", "google_ads") else FURTHER_NASTY_NAMES


def _pick(chance: random.Random, options: tuple[str, ...]) -> str:
    return options[int(chance.random() * len(options))]


def _with_mistake(chance: random.Random, name: str, language: str) -> str:
    roll = chance.random()
    if roll < 0.04:
        return name.lower()
    if roll < 0.09:
        return name + (" - Copia" if language != "en" else " - Copy 2")
    if roll < 0.11:
        return name + " "
    if roll < 0.12:
        return name.replace(" ", "  ", 1)
    return name


def campaign_name(chance: random.Random, language: str, channel: str, year: int, month: int) -> str:
    """A campaign's name in an agency's pattern, at times with a typing mistake. ``channel``: META, GADS, TT or LI."""
    words = WORDS[language]
    name = _pick(chance, _PATTERNS[language]).format(
        channel=channel,
        obj=_pick(chance, words["obj"]),
        funnel=_pick(chance, words["funnel"]),
        theme=_pick(chance, words["theme"]),
        audience=_pick(chance, words["audience"]),
        budget=_pick(chance, BUDGETS),
        year=year,
        month=month,
        quarter=(month + 2) // 3,
    )
    return _with_mistake(chance, name, language)


def ad_group_name(chance: random.Random, language: str) -> str:
    """An ad group's or ad set's name: audience and funnel."""
    words = WORDS[language]
    return _with_mistake(chance, f"{_pick(chance, words['audience'])} | {_pick(chance, words['funnel'])}", language)


def ad_name(chance: random.Random, language: str, number: int) -> str:
    """An ad's name: creative and theme."""
    name = f"{_pick(chance, CREATIVES)}_{_pick(chance, WORDS[language]['theme'])}_{number:02d}"
    return _with_mistake(chance, name, language)
