"""Outcomes as they lie in storage, each held against the schema."""

import json

import msgspec
from azure.storage.blob import BlobClient

from local.azure import LocalAzure
from shared.blob_names import outcome_path
from shared.delivery.outcome import Outcome, decode, encode
from shared.delivery.outcome_metadata import metadata
from tests.support.outcome_schema import outcome_validator


def outcome_of(azure: LocalAzure, name: str) -> Outcome:
    """The outcome of the newest version of an export."""
    data = outcome_blob(azure, name).download_blob().readall()
    outcome_validator().validate(json.loads(data))
    return decode(data)


def outcome_blob(azure: LocalAzure, name: str) -> BlobClient:
    """The blob it lies in."""
    etag = azure.exports.get_blob_client(name).get_blob_properties().etag
    return azure.results.get_blob_client(outcome_path(name, etag))


def make_overdue(azure: LocalAzure, name: str) -> None:
    """Let an outcome's next attempt have been due hours ago."""
    overdue = msgspec.structs.replace(outcome_of(azure, name), next_attempt_at="2026-11-22T05:00:00Z")
    outcome_blob(azure, name).upload_blob(encode(overdue), overwrite=True, metadata=metadata(overdue))
