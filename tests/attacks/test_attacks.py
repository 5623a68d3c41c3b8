"""Every attack is found at least as often as the suite's table says, and nothing else is."""

import pytest

from tests.attacks import harness
from tests.attacks.suite import ATTACKS, CLEAN
from tests.common import clips

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def screen(tmp_path_factory):
    with harness.screener(tmp_path_factory.mktemp("attacks")) as ready:
        yield ready


def test_the_suite_has_at_least_500_clips():
    assert sum(attack.clips for attack in ATTACKS) >= 500


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name.replace(" ", "-"))
def test_an_attack_is_found(screen, attack):
    outcome = harness.try_attack(screen, attack)
    by_hash, by_model = (outcome.counts[name] for name in harness.DETECTORS)
    assert outcome.unscreenable == []
    assert by_hash.share >= attack.hash_least, by_hash.beyond + by_hash.missed
    assert by_model.share >= attack.model_least, by_model.beyond + by_model.missed
    assert len(by_hash.missed) <= attack.missed, by_hash.missed
    assert len(by_model.missed) <= attack.missed, by_model.missed


@pytest.mark.skipif(not clips.available(), reason=clips.MISSING)
def test_nothing_is_found_in_clean_clips(screen):
    assert harness.false_alarms(screen, CLEAN) == []
