from pathlib import Path

import pytest

from perisai.matching.lists import ListStore
from perisai.terms import Label


@pytest.fixture
def store(tmp_path: Path) -> ListStore:
    return ListStore(tmp_path / "home", who="tester")


@pytest.fixture
def known(store: ListStore) -> ListStore:
    store.create("known", source="us", label=Label.LISTED)
    return store
