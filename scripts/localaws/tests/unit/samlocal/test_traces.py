"""What leads back from an engine's rules to those before it."""

from localaws.samlocal.traces import undo

BEFORE = (":INPUT ACCEPT", ":FORWARD ACCEPT", "-A INPUT -i lo -j ACCEPT")
AFTER = (
    *BEFORE,
    ":DOCKER -",
    ":DOCKER-USER -",
    "-A FORWARD -j DOCKER-USER",
    "-A FORWARD -i docker0 ! -o docker0 -j ACCEPT",
    '-A INPUT -m comment --comment "not ours" -j DROP',
    "-A DOCKER -i br-0123456789ab -j RETURN",
    "-A DOCKER-USER -j RETURN",
)


def test_rules_go_before_the_chains_that_they_lead_to() -> None:
    words = [" ".join(call) for call in undo(BEFORE, AFTER)]
    assert words == [
        "-D FORWARD -j DOCKER-USER",
        "-D FORWARD -i docker0 ! -o docker0 -j ACCEPT",
        "-D DOCKER -i br-0123456789ab -j RETURN",
        "-D DOCKER-USER -j RETURN",
        "-X DOCKER",
        "-X DOCKER-USER",
    ]


def test_rules_of_others_that_came_meanwhile_stay() -> None:
    assert not any("not ours" in word for call in undo(BEFORE, AFTER) for word in call)


def test_what_was_there_before_stays() -> None:
    assert undo(AFTER, AFTER) == []
