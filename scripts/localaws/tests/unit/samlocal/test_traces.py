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


def test_rules_are_removed_before_their_chains() -> None:
    words = [" ".join(call) for call in undo(BEFORE, AFTER)]
    assert words == [
        "-D FORWARD -j DOCKER-USER",
        "-D FORWARD -i docker0 ! -o docker0 -j ACCEPT",
        "-D DOCKER -i br-0123456789ab -j RETURN",
        "-D DOCKER-USER -j RETURN",
        "-X DOCKER",
        "-X DOCKER-USER",
    ]


def test_rules_added_by_others_are_kept() -> None:
    assert not any("not ours" in word for call in undo(BEFORE, AFTER) for word in call)


def test_rules_that_existed_before_are_kept() -> None:
    assert undo(AFTER, AFTER) == []
