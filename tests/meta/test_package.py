"""The package as a whole: what importing it costs and what the core counts."""

from refrace._native import objects as native_objects


def test_every_mode_has_a_card_with_all_its_parts():
    for card in native_objects.mode_cards():
        assert card.name.isidentifier()
        assert card.title
        assert card.summary
        assert card.source
        assert card.layout
        assert card.limits
        assert card.incref_steps >= 1
        assert card.decref_steps >= 1
