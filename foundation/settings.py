"""The one place where configuration enters: environment variables with the prefix MDP_, also from a .env file."""

import json
import os
from pathlib import Path
from typing import Any, Self

from dotenv import load_dotenv
from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from foundation.ad_reporting import AdReportingSettings

REPOSITORY = Path(__file__).resolve().parents[1]


class Settings(BaseSettings):
    """Everything that differs between installations. Secrets are not here: see ``foundation.credentials``."""

    model_config = SettingsConfigDict(env_prefix="MDP_", extra="ignore")

    data_dir: Path = Field(REPOSITORY / ".data", description="Embedded server, Dagster artifacts, local backups.")
    clients_dir: Path = Field(REPOSITORY / "clients", description="One YAML file a client.")
    warehouse_url: str | None = Field(None, description="postgresql://… of the warehouse; none = embedded server.")
    dagster_url: str | None = Field(
        None, description="postgresql://… of Dagster's storage; none = beside the warehouse."
    )
    clock_file: Path | None = Field(None, description="Sandbox clock; none = the machine's clock.")

    meta_ads_base_url: str = "https://graph.facebook.com"
    meta_ads_api_version: str = "v26.0"
    google_ads_base_url: str = "https://googleads.googleapis.com"
    google_ads_api_version: str = "v26"
    google_oauth_token_url: str = "https://oauth2.googleapis.com/token"
    tiktok_ads_base_url: str = "https://business-api.tiktok.com"
    tiktok_ads_api_version: str = "v1.3"
    tiktok_ads_calls_per_minute: int = Field(
        600, ge=60, description="By the app's level: 600 Basic, 1200 Advanced, 1800 Premium, 3000 Ultimate."
    )
    linkedin_ads_base_url: str = "https://api.linkedin.com"
    linkedin_ads_api_version: str = Field("202608", description="Value of the header LinkedIn-Version.")
    linkedin_oauth_token_url: str = "https://www.linkedin.com/oauth/v2/accessToken"
    instagram_base_url: str = "https://graph.facebook.com"
    instagram_api_version: str = "v26.0"
    fx_base_url: str = "https://api.frankfurter.dev"

    ad_reporting: AdReportingSettings | None = Field(
        None, description="JSON object: settings of the schema ad_reporting; none = those of dbt_project.yml."
    )

    slack_base_url: str = "https://slack.com/api/"
    slack_ops_channel: str | None = Field(None, description="Channel id for alerts that belong to no client.")
    ui_url: str | None = Field(None, description="Public address of the Dagster UI, linked in alerts.")
    data_docs_url: str | None = Field(None, description="Where Data Docs are served; none = checks name the files.")

    backup_url: str | None = Field(None, description="s3://bucket/prefix; none = <data_dir>/backups.")
    backup_s3_endpoint_url: str | None = None
    backup_min_hours: int = Field(20, description="At most one backup in so many hours after publications.")

    @model_validator(mode="after")
    def _absolute_paths(self) -> Self:
        self.data_dir = self.data_dir.resolve()
        self.clients_dir = self.clients_dir.resolve()
        return self

    @property
    def work_dir(self) -> Path:
        """Scratch space of loads and builds; may be wiped at any time between runs."""
        return self.data_dir / "scratch"

    @property
    def ad_reporting_variables(self) -> dict[str, Any]:
        """Variables that the views of ad_reporting are defined with instead of those in dbt_project.yml."""
        return self.ad_reporting.variables() if self.ad_reporting else {}


def load_settings() -> Settings:
    """Read the settings now: the environment, then the file .env (MDP_ENV_FILE names another; empty = none).

    The file's variables enter this process's environment, so that secrets in it are found as well.
    """
    if env_file := os.environ.get("MDP_ENV_FILE", ".env"):
        load_dotenv(env_file, override=False)
    return Settings()


def require_warehouse_url(settings: Settings) -> str:
    """The warehouse's URL, for processes that do not start the embedded server themselves."""
    if settings.warehouse_url is None:
        raise RuntimeError(
            "MDP_WAREHOUSE_URL is not set in this process. Start through `mdp` (it starts the embedded PostgreSQL and "
            "passes its address on) or set MDP_WAREHOUSE_URL to a PostgreSQL 15+ server."
        )
    return settings.warehouse_url


def environment_of(settings: Settings) -> dict[str, str]:
    """The current environment with these settings made explicit, for child processes."""
    values = settings.model_dump(mode="json", exclude_none=True)
    texts = {name: json.dumps(value) if isinstance(value, dict) else str(value) for name, value in values.items()}
    return {**os.environ, **{f"MDP_{name.upper()}": text for name, text in texts.items()}}
