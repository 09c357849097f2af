"""What moves to analytics, what stays, and what a reader may see meanwhile."""

from datetime import date, timedelta

import pytest

from foundation.database import connect, transaction
from transforms import analytics_tables, building, publication, reports
from transforms.versions import ACCOUNT_DAY_TABLES

from .conftest import NOW

pytestmark = pytest.mark.integration
DAY = date(2026, 11, 10)
SPEND = "select account_id, sum(spend)::text from analytics.fct_campaign_performance_daily group by 1 order by 1"
