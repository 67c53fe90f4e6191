import time

from vibevariant.clock import Clock


def test_the_clock_is_that_of_the_machine_in_milliseconds():
    before = time.time()
    assert before * 1000 - 1 <= Clock().now_ms() <= time.time() * 1000 + 1


def test_a_fake_clock_goes_when_it_is_told_to(clock):
    start = clock.now_ms()
    assert clock.now_ms() == start
    assert clock.advance(seconds=1.5, hours=1, days=1) == start + 1_500 + 3_600_000 + 86_400_000
    assert clock.advance(days=-1) < start + 3_700_000
