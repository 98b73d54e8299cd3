import json
from pathlib import Path

import pytest

from pillm.records.private import KINDS, found, masked, replaced
from tests.conftest import ROOT

HELD = {
    "private key": ["-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk", "-----BEGIN PGP PRIVATE KEY BLOCK-----"],
    "access token": ["export AWS_ACCESS_KEY_ID=AKIAQ3EGRZXW7T2BMK5L", "ghp_9aB3kLmQ7rStUvWx2yZ0AbCdEfGhIjKlMnOp",
                     "sk-proj-Ab3dE5gH7jK9mN1pQ3sT5vX7", "xoxb-2048103957-AbQ9zLm4Tr7", "glpat-Zk3vQ8sL1xT6bN9mR2wY",
                     "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0OTE3In0.TJVA95OrM7E2cBab30RM"],
    "password": ["password: Tr0ub4dor&3x", "PGPASSWORD='kW9!vq2Lrz'", 'api_key = "9f8Kz2LqW7xTbN4m"',
                 "Le mot de passe = z7Gk2mQ9vB"],
    "password in an address": ["psql postgres://bob:k9Zr2Lq7vW@db.tremblay.net/app"],
    "payment card": ["Ma carte, c'est 4539 1488 0343 6467.", "5500005555555559"],
    "bank account": ["IBAN : GB82 WEST 1234 5698 7654 32", "FR7630006000011234567890189"],
    "insurance number": ["Mon NAS : 130 692 544", "SSN 078-05-1120", "1 85 05 78 006 084 91"],
    "e-mail address": ["Écris à marie.tremblay@videotron.ca, s'il te plaît.", "a+b@un.sous.domaine.org"],
    "phone number": ["Appelle-moi au 514 276-8841.", "(418) 692-3851", "+33 6 12 34 56 78", "06 12 34 56 78",
                     "+14182763851", "1-438-276-8841", "+49 30 901820 13"],
}
"""Made up, or published as test numbers; none is anybody's."""
FREE = [
    "ssh user@host.corp.com:/srv", "rsync -a docs/ u@backup.tremblay.net:/srv", "écris à a@example.com",
    "getty@tty1.service", "icon@2x.png", "git clone git@github.com", "bob@localhost", "root@srv.lan", "npm i a@1.3.0",
    "514-555-0134", "1 800 463-2222", "911", "find / -size +104857600c", "2024-01-02 03:04:05", "192.168.100.200",
    "ping 10.0.0.1 10.0.0.2 10.0.0.3", "AKIAIOSFODNN7EXAMPLE", "sk-xxxxxxxxxxxxxxxxxxxxxxxx", "password=$PASSWORD",
    "DB_PASSWORD=changeme", "https://user:password@host/", "password: ********", "api_key: <your key here>",
    "secret=/run/secrets/db_pass1", "password authentication: yes1", "PasswordAuthentication: no", "token: str | None",
    "3.14159265358979", "1234567890123", "/dev/sda 8589934592", "1700000000 1700000000", "4111 1111 1111 1112",
    "d25949037065f8010e040fdf15bcbacc48429db689f16cd00ced7a232266ec4b", "10.5281/zenodo.1234567", "chmod 644 755 700",
    "123e4567-e89b-12d3-a456-426614174000", "-rw-r--r-- 1 root root 1048576 2024-05-06 11:22", "+1048576",
    "UID 1000 1001 1002 1003", "PID 12345 67890 11121", "GB00 WEST 1234 5698 7654 32", "046 454 286", "000-12-3456",
    "-----BEGIN CERTIFICATE-----", "Il y a 250 000 000 de raisons.", "2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31",
]


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in HELD.items() for text in texts])
def test_what_is_somebodys_is_found(kind, text):
    record = {"user": "Bonjour", "messages": [{"role": "user", "content": text}]}
    assert kind in [each.name for each, _ in found(record, KINDS.values())]


@pytest.mark.parametrize("text", FREE)
def test_what_is_nobodys_is_left_alone(text):
    assert [(kind.name, match[0]) for kind, match in found({"user": text}, KINDS.values())] == []


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_is_looked_for_is_found(kind):
    record = {"user": "\n".join(text for texts in HELD.values() for text in texts)}
    assert {each.name for each, _ in found(record, [KINDS[kind]])} == {kind}


def test_what_is_set_aside_does_not_carry_it_further():
    record = {"user": "Écris à marie@videotron.ca ou au 514 276-8841", "tags": ["a"], "n": 3,
              "more": {"to": ["marie@videotron.ca"]}}
    assert masked(record, found(record, KINDS.values())) == {
        "user": "Écris à [e-mail address] ou au [phone number]", "tags": ["a"], "n": 3,
        "more": {"to": ["[e-mail address]"]}}


def test_the_longer_is_replaced_first_and_nothing_for_nothing():
    assert replaced({"a": ["secret and secret2", 3]}, {"secret": "X", "secret2": "Y"}) == {"a": ["X and Y", 3]}
    assert replaced(["as it is"], {}) == ["as it is"]


@pytest.mark.parametrize("file", sorted((ROOT / "dataset").rglob("*.jsonl")), ids=lambda file: file.name)
def test_what_is_shipped_holds_none(file: Path):
    """Told by place only: examinations are not read here. What a checker compares with is no one's writing."""
    said = [json.loads(line) | {"answer": None} for line in file.read_text("utf-8").splitlines()]
    assert [n for n, record in enumerate(said, 1) if list(found(record, KINDS.values()))] == []
