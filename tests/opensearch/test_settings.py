from __future__ import annotations

from pathlib import Path

import pytest

from corpus import Archive, SettingsInvalid
from indexer.opensearch.settings import ClusterSettings, cluster_settings


def archive_with(tmp_path: Path, text: str) -> Archive:
    Archive.create(tmp_path / "archive").close()
    (tmp_path / "archive" / "arshif.toml").write_text(text, encoding="utf-8")
    return Archive.open(tmp_path / "archive")


def test_the_default_engine_is_embedded(tmp_path: Path) -> None:
    assert archive_with(tmp_path, "").settings.engine == "embedded"


def test_every_setting(tmp_path: Path) -> None:
    archive = archive_with(
        tmp_path,
        'engine = "opensearch"\n[opensearch]\nhosts = ["https://a.example:9200", "http://10.0.0.2"]\nprefix = "news-1"\n'
        'ca_certs = "ca.pem"\nverify = false\nshards = 6\nreplicas = 0\ntimeout = 2.5\nprocesses = 4\n',
    )
    assert archive.settings.engine == "opensearch"
    assert cluster_settings(archive) == ClusterSettings(
        ("https://a.example:9200", "http://10.0.0.2"), "news-1", "ca.pem", False, 6, 0, 2.5, 4
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('engine = "lucene"', "engine must be one of 'embedded', 'opensearch'"),
        ("engine = 1", "engine must be one of"),
        ('opensearch = "x"', r"must be a table: \[opensearch\]"),
        ("[opensearch]\nhost = 1", "unknown setting 'opensearch.host'; known: hosts, prefix"),
        ('[opensearch]\npassword = "x"', "credentials must not be in this file.*ARSHIF_OPENSEARCH_PASSWORD"),
        ('[opensearch]\napi_key = "x"', "credentials must not be"),
        ('[opensearch]\nhosts = ["https://me:secret@a.example"]', "credentials must not be"),
        ("[opensearch]\nhosts = []", "must be addresses"),
        ('[opensearch]\nhosts = ["a.example:9200"]', "'a.example:9200' is not an address like"),
        ('[opensearch]\nhosts = ["http://a.example:port"]', "is not an address"),
        ('[opensearch]\nprefix = "News"', "must be lower-case Latin letters"),
        ('[opensearch]\nprefix = "_x"', "must be lower-case Latin letters"),
        ('[opensearch]\nca_certs = ""', "must be the path of a file"),
        ('[opensearch]\nverify = "no"', "must be true or false"),
        ("[opensearch]\nshards = 0", "a whole number from 1"),
        ("[opensearch]\nprocesses = 0", "opensearch.processes must be a whole number from 1"),
        ("[opensearch]\nreplicas = true", "a whole number from 0"),
        ("[opensearch]\ntimeout = 0", "a number of seconds above 0"),
    ],
)
def test_invalid_settings_are_reported_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsInvalid, match=message) as caught:
        cluster_settings(archive_with(tmp_path, text))
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
