import gc

import pytest


@pytest.fixture(autouse=True)
def _g():
    yield
    gc.collect()
