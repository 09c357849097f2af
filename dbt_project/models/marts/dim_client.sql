select
    client_id,
    name,
    status,
    reporting_currency,
    timezone,
    active_from,
    active_to
from {{ source('raw_registry', 'client') }}
