"""What goes wrong in the guide of incidents, and what others put right: by the knobs of the stand-ins."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from local.azure import LocalAzure
from local.connector import says
from shared.messages import Message

_DAYS: Final = range(40, 3, -1)
"""How many days ago each of a healthy folder's exports was: the last three days are missing."""
_RECORDS_A_DAY: Final = 20
_PROFILE: Final = """version = 1
name = "Oslo"

[input]
format = "connector"

[schedule]
every = "1 day"
"""


def secret_expires(azure: LocalAzure) -> None:
    """Entra ID takes the secret no longer, nor the connector the tokens that were made with it; an export comes."""
    azure.entra.expired, azure.entra.secrets = {azure.secret}, set()
    azure.entra.issued.clear()
    _upload(azure, "hq/monday.json", 3, datetime(2026, 3, 2, 8, tzinfo=UTC))


def secret_is_renewed(azure: LocalAzure) -> None:
    """An operator puts a new secret into the vault."""
    azure.rotate_secret()


def half_a_file_comes(azure: LocalAzure) -> None:
    """The exporter uploads a file before it is complete."""
    azure.exports.upload_blob("hq/day.json", _export("hq", 200, datetime(2026, 2, 2, 8, tzinfo=UTC))[:9_000])


def job_of_another_app(azure: LocalAzure) -> None:
    """The connector's job belongs to another app registration; an export comes."""
    azure.connector.always = says(403, b'"jobId and corresponding appId do not match."')
    _upload(azure, "hq/tuesday.json", 3, datetime(2026, 3, 3, 8, tzinfo=UTC))


def forbidden_without_a_word(azure: LocalAzure) -> None:
    """The connector refuses, and does not say why; an export comes."""
    azure.connector.always = says(403)
    _upload(azure, "hq/wednesday.json", 3, datetime(2026, 3, 4, 8, tzinfo=UTC))


def connector_takes_again(azure: LocalAzure) -> None:
    """What was wrong with the connector, or with the job and app that it knows, is put right."""
    azure.connector.always = None


def messages_are_poison(azure: LocalAzure) -> None:
    """A message about an export failed five times, and so did one that nobody can read."""
    _upload(azure, "hq/thursday.json", 3, datetime(2026, 3, 5, 8, tzinfo=UTC))
    azure.poison.send_message(Message("hq/thursday.json", "").encode())
    azure.poison.send_message("hello")


def three_days_are_missing(azure: LocalAzure) -> None:
    """A source's exports came every day for weeks, and then no more."""
    azure.sources.upload_blob("oslo/profile.toml", _PROFILE)
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for ago in _DAYS:
        day = midnight - timedelta(days=ago)
        _upload(azure, f"oslo/{day:%Y-%m-%d}.json", _RECORDS_A_DAY, day + timedelta(hours=7))


def half_sent_and_overwritten(azure: LocalAzure) -> None:
    """Of an export one request is accepted and the next refused; then the exporter writes another file over it."""
    azure.connector.script.extend([None, says(404)])
    _upload(azure, "hq/friday.json", 6_000, datetime(2026, 3, 6, 8, tzinfo=UTC))
    _wait_until(lambda: not azure.connector.script)
    _upload(azure, "hq/friday.json", 2, datetime(2026, 3, 6, 20, tzinfo=UTC))
    _wait_until(lambda: azure.connector.accepted[-1].records == 2)  # before a sweep closes the older version


INCIDENTS: Final[dict[str, Callable[[LocalAzure], None]]] = {
    one.__name__.replace("_", "-"): one
    for one in (
        secret_expires,
        secret_is_renewed,
        half_a_file_comes,
        job_of_another_app,
        forbidden_without_a_word,
        connector_takes_again,
        messages_are_poison,
        three_days_are_missing,
        half_sent_and_overwritten,
    )
}
"""By the names that the guide's comments have: `<!-- happens: secret-expires -->`."""


def _wait_until(happened: Callable[[], bool]) -> None:
    """Wait for a minute at most, and a second longer, for the outcome to be written."""
    for _ in range(600):
        if happened():
            break
        time.sleep(0.1)
    time.sleep(1)


def _upload(azure: LocalAzure, name: str, count: int, begins: datetime) -> None:
    azure.exports.upload_blob(name, _export(name.partition("/")[0], count, begins), overwrite=True)


def _export(site: str, count: int, begins: datetime) -> str:
    """As many records, a second apart."""
    records = [
        {
            "UserId": f"person{number % 50}@example.com",
            "AssetId": f"{site}-door-{number % 7}",
            "EventTime": f"{begins + timedelta(seconds=number):%Y-%m-%dT%H:%M:%S}",
            "AccessStatus": "Success",
        }
        for number in range(count)
    ]
    return "[\n" + ",\n".join(map(json.dumps, records)) + "\n]\n"
