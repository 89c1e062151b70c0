"""Typed settings: defaults < itops.toml < environment ITOPS_* < flags."""

from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from itops.domain.budget import Budget
from itops.errors import SettingsError


class Settings(BaseSettings):
    """Everything that can be set. Paths left empty stand under ``home``.

    ``profile`` production refuses conveniences: no model text in logs, JSON logs on the console. ``sandbox`` says how
    reads that nobody approves run: confined where it can be, and else only an exact instance of a published
    instruction runs unasked (auto); confined, or not unasked at all (required); not confined (off). ``preview``: a
    change of local files is tried on a throw-away copy of them before a person is asked. ``llm_schema`` says how a
    provider is told the shape of a reply, beside the words that always tell it. ``task_budget`` is what one task may
    spend on models, ``day_budget`` what one person's tasks may in a day: "200000 tokens, 60 calls, 2 USD, 900 seconds".
    """

    model_config = SettingsConfigDict(env_prefix="ITOPS_", toml_file="itops.toml", extra="forbid", frozen=True)

    home: Path = Field(default_factory=lambda: Path(platformdirs.user_data_dir("itops", appauthor=False)))
    profile: Literal["development", "production"] = "development"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    database_url: SecretStr = SecretStr("")
    workflow_database_url: SecretStr = SecretStr("")
    journal_key_file: Path | None = None

    agent: str = ""
    llm: str = ""
    llm_fallback: str = ""
    llm_time_limit_seconds: float = 60.0
    llm_schema: Literal["words", "json_schema", "json_object"] = "words"
    llm_cache: bool = True
    llm_prices: Path | None = None
    task_budget: Annotated[Budget, NoDecode] = Budget(tokens=200_000, calls=100, seconds=1800)
    day_budget: Annotated[Budget, NoDecode] = Budget()
    repair_rounds: int = 1
    steps_per_subtask: int = 12

    policy_dir: Path | None = None
    sandbox: Literal["auto", "required", "off"] = "auto"
    embeddings: str = ""
    chroma_url: str = ""
    chroma_token: SecretStr = SecretStr("")
    relevance_threshold: float | None = None

    preview: bool = True
    approval_minutes: float = 15.0
    question_minutes: float = 60.0
    time_limit_seconds: float = 300.0
    idle_limit_seconds: float = 120.0
    output_limit_bytes: int = 1024 * 1024
    task_words_limit: int = 16_384
    lease_seconds: float = 15.0
    poll_seconds: float = 0.05

    host: str = "127.0.0.1"
    port: int = 7860

    @field_validator("llm", "llm_fallback")
    @classmethod
    def _is_model(cls, spec: str) -> str:
        """A model is named with its provider."""
        provider, _, model = spec.strip().partition(":")
        if spec and not (provider and model):
            raise ValueError(f"{spec!r} is not of the form provider:model, such as openai:gpt-5-mini")
        return spec.strip()

    @field_validator("home", "journal_key_file", "policy_dir", "llm_prices")
    @classmethod
    def _expand(cls, path: Path | None) -> Path | None:
        """``~`` is whoever runs this, as in a shell."""
        return path.expanduser() if path else path

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags (init) over environment over file."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(**flags: object) -> Settings:
    """The settings in force.

    Raises:
        SettingsError: a file can't be read or a value is off. Nothing ran.
    """
    try:
        return Settings(**flags)  # type: ignore[arg-type]  # values come from flags; pydantic checks them
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "settings"
        raise SettingsError(
            f"The setting {place!r} is off: {first['msg']}.",
            mend=f"Correct it in itops.toml or in the environment (ITOPS_{place.upper()}).",
        ) from error
    except (OSError, ValueError) as error:
        raise SettingsError(f"itops.toml can't be read: {error}.", mend="Correct the file or move it away.") from error
