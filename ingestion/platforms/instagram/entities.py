"""Instagram's profile, media and stories as data. Stories are listed for 24 hours only."""

from ingestion.reports import Column, Entity

PRODUCT_TYPE = Column("media_product_type", ("media_product_type",))
MEDIA_TYPE = Column("media_type", ("media_type",))
PUBLISHED_AT = Column("published_at", ("timestamp",), "timestamptz")
MEDIA_ID = Column("media_id", ("id",))
_MEDIA_COLUMNS = (
    MEDIA_ID,
    Column("ig_id", ("ig_id",)),
    MEDIA_TYPE,
    PRODUCT_TYPE,
    Column("caption", ("caption",)),
    Column("permalink", ("permalink",)),
    Column("shortcode", ("shortcode",)),
    PUBLISHED_AT,
)
ACCOUNTS = Entity(
    name="accounts",
    columns=(
        Column("name", ("name",)),
        Column("username", ("username",)),
        Column("ig_id", ("ig_id",)),
        Column("biography", ("biography",)),
        Column("website", ("website",)),
    ),
    key=(),
)
# The platform lists the newest 10,000; of a larger account the oldest ones count as no longer listed.
MEDIA = Entity(name="media", columns=_MEDIA_COLUMNS, key=("media_id",), request={"edge": "media"})
STORIES = Entity(
    name="stories", columns=_MEDIA_COLUMNS, key=("media_id",), request={"edge": "stories"}, listed_whole=False
)
