"""Random numbers: the generator is the published one, and every key draws its own."""

from collections import Counter
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.engine import streams
from sim.engine.lanes import _tag
from sim.engine.streams import DAILY, DAYS_BEFORE, Luck, Stream, philox
from sim.scenario import parameters

KNOWN_ANSWERS = [  # the three vectors for ten rounds that come with Random123
    ((0x00000000,) * 4, (0x00000000,) * 2, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]
MOST_CITIZENS = 100_000
MANY = np.arange(40_000)


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN_ANSWERS)
def test_the_generator_gives_the_published_answers(counter, key, expected):
    words = [np.uint32(word) for word in (*counter, *key)]
    assert tuple(int(word) for word in philox(*words)) == expected


# -- who draws what ---------------------------------------------------------------------------------------------------


def overlaps(labels, words) -> list:
    """Places of a day's layout that two draws share."""
    return [place for place, number in Counter(zip(labels, words, strict=True)).items() if number > 1]


def test_no_two_draws_of_a_day_share_a_place():
    assert overlaps(streams._LABELS.tolist(), streams._WORDS.tolist()) == []
    assert len(streams._LABELS) == sum(draw.slots * draw.uniforms for draw in DAILY.values())


def test_the_check_of_overlaps_finds_one():
    assert overlaps([7, 7, 8], [0, 0, 0]) == [(7, 0)]


def test_no_stream_has_the_number_of_another():
    numbers = [member.value for member in Stream.__members__.values()]
    assert len(set(numbers)) == len(Stream.__members__) == len(Stream), "two streams share one number"
    assert all(0 < number < 2**8 for number in numbers), "a stream's number has eight bits"


def test_slots_and_blocks_fit_their_bits():
    assert all(1 <= draw.slots <= 4 for draw in DAILY.values())
    assert MOST_CITIZENS / 4 < 2**22
    extremes = [streams._label(*place) for place in product((1, 255), (0, 3), (0, 2**22 - 1))]
    assert len(set(extremes)) == len(extremes) and max(extremes) < 2**32


def test_what_varies_is_tagged_apart():
    tags = {}
    for path in parameters():
        tags.setdefault(_tag(path, {}), set()).add(path)
    for paths in tags.values():
        names = {
            path.replace(".a.", ".*.").replace(".b.", ".*.").removesuffix("_a").removesuffix("_b") for path in paths
        }
        assert len(names) == 1, f"{paths} would draw the same numbers"


# -- what a key does --------------------------------------------------------------------------------------------------


def draws(seed=1, replicate=0, point=None, day=0, stream=Stream.FOG, slot=0) -> float:
    luck = Luck(seed, np.array([replicate]), None if point is None else np.array([point]))
    return luck.day(day).first(stream, slot).item()


KEYS = [
    {},
    {"seed": 2},
    {"seed": 1 + 2**32},
    {"seed": 2**64 - 1},
    {"replicate": 1},
    {"point": 0},
    {"point": 1},
    {"day": 1},
    {"stream": Stream.PRIVATE},
    {"slot": 1},
]


def test_every_part_of_the_key_counts():
    assert len({draws(**key) for key in KEYS}) == len(KEYS)
    assert [draws(**key) for key in KEYS] == [draws(**key) for key in KEYS]


SIMILAR = [{}, {"slot": 1}, {"stream": Stream.PRIVATE}, {"day": 1}, {"seed": 2}]


@pytest.mark.parametrize(("one", "two"), list(combinations(SIMILAR, 2)))
def test_draws_under_different_keys_are_unrelated(one, two):
    def many(seed=1, day=0, stream=Stream.FOG, slot=0):
        return Luck(seed, MANY).day(day).first(stream, slot)

    assert abs(np.corrcoef(many(**one), many(**two))[0, 1]) < 4 / np.sqrt(len(MANY))


def test_draws_before_day_0_are_apart_from_each_other_and_from_the_days():
    luck = Luck(1, np.array([0]))
    early = [
        luck.before(stream, slot, 8, tag).ravel().tolist()
        for stream in Stream
        if stream not in DAILY
        for slot in (0, 1)
        for tag in (DAYS_BEFORE, 1, 2)
    ]
    daily = [luck.day(day)._uniforms.ravel().tolist() for day in range(5)]
    flat = [number for part in early + daily for number in part]
    assert len(set(flat)) == len(flat)


def test_a_slot_may_differ_by_lane():
    today = Luck(1, np.arange(6)).day(3)
    slots = np.array([0, 1, 1, 0, 0, 1])
    chosen = today.uniform(Stream.INCIDENT, slots)
    for lane, slot in enumerate(slots):
        np.testing.assert_array_equal(chosen[:, lane], today.uniform(Stream.INCIDENT, int(slot))[:, lane])
    luck = Luck(1, np.arange(6))
    mixed = luck.before(Stream.HONOUR, slots, 5)
    for slot in (0, 1):
        np.testing.assert_array_equal(mixed[slots == slot], luck.before(Stream.HONOUR, slot, 5)[slots == slot])


@given(
    st.lists(st.tuples(st.integers(0, 2**31), st.integers(0, 2**31)), min_size=1, max_size=20),
    st.integers(0, 2**64 - 1),
    st.integers(0, 3650),
    st.randoms(use_true_random=False),
)
def test_a_lane_draws_the_same_whatever_lanes_surround_it(lanes, seed, day, random):
    order = random.sample(range(len(lanes)), random.randint(1, len(lanes)))
    replicate, point = np.array(lanes).T
    together, some = Luck(seed, replicate, point), Luck(seed, replicate[order], point[order])
    np.testing.assert_array_equal(some.day(day)._uniforms, together.day(day)._uniforms[:, order])
    np.testing.assert_array_equal(some.before(Stream.ANCHOR, 1, 9), together.before(Stream.ANCHOR, 1, 9)[order])


def test_more_citizens_leave_the_first_ones_as_they_are():
    luck = Luck(1, np.arange(3))
    np.testing.assert_array_equal(luck.before(Stream.ANCHOR, 0, 37), luck.before(Stream.ANCHOR, 0, 101)[:, :37])


# -- what is drawn --------------------------------------------------------------------------------------------------


def test_uniforms_keep_off_both_ends():
    drawn = Luck(3, MANY).day(0)._uniforms
    assert 0 < drawn.min() and drawn.max() < 1
    assert np.isfinite(Luck(3, MANY).day(0).normal(Stream.FOG)).all()


@pytest.mark.parametrize("stream", [Stream.CHOICE, Stream.ALLY, Stream.ATTEMPT])
def test_uniforms_are_uniform(stream):
    sample = Luck(5, MANY).day(2).uniform(stream).ravel()
    assert stats.kstest(sample, "uniform").statistic < 2.2 / np.sqrt(sample.size)


def test_normals_are_normal():
    sample = Luck(5, MANY).day(2).normal(Stream.SEVERITY, 1)
    assert stats.kstest(sample, "norm").statistic < 2.2 / np.sqrt(sample.size)
    early = Luck(5, MANY).normal_before(Stream.RESOLVE, 0)
    assert stats.kstest(early, "norm").statistic < 2.2 / np.sqrt(sample.size)
