"""Secrets and personal data are replaced by what is nobody's, or their passage is set aside."""
import pytest

from pillm.records import private
from pillm.records.gather.scrub import scrubbed

KINDS = list(private.KINDS.values())
TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


@pytest.mark.parametrize(("text", "clean", "kinds"), [
    ("write to julie@pumps.dev", "write to user@example.com", {"e-mail address": 1}),
    ("call (514) 234-5678 now", "call 555-0100 now", {"phone number": 1}),
    (f"curl -H 'X: {TOKEN}' x", "curl -H 'X: $TOKEN' x", {"access token": 1}),
    ("password=Tr0ub4dor&3x and password: Tr0ub4dor&3x", "password=$PASSWORD and password: $PASSWORD", {"password": 2}),
    ("git clone https://me:Zx9$kfw2@host/a", "git clone https://me:$PASSWORD@host/a", {"password in an address": 1}),
    ("write to user@example.com", "write to user@example.com", {})])
def test_what_stands_in(text, clean, kinds):
    found = scrubbed({"text": text, "inner": [text]}, KINDS)
    assert (found.value, found.reason) == ({"text": clean, "inner": [clean]}, "")
    assert found.masked == {kind: 2 * times for kind, times in kinds.items()}
    assert list(private.found(found.value, KINDS)) == []


@pytest.mark.parametrize(("text", "reason"), [
    ("pay with 4539 1488 0343 6467", "payment card"), ("-----BEGIN RSA PRIVATE KEY-----\nMIIE", "private key")])
def test_where_nothing_can_stand_in(text, reason):
    found = scrubbed({"text": text, "mail": "julie@pumps.dev"}, KINDS)
    assert found.reason == reason
    assert list(private.found(found.value, KINDS)) == []


def test_only_the_kinds_that_are_asked_for():
    assert scrubbed("julie@pumps.dev", [private.KINDS["phone number"]]).value == "julie@pumps.dev"
