"""The page of one's own limits, and that a limit is asked before evidence is opened."""

from tests.console import Client, log_in, send, token_for
from tests.fixtures import Made
from tocsin.kernel import Role

PAGE = "/account/limits"


def test_lower_limits_hold_at_once_and_higher_ones_from_tomorrow(client: Client, made: Made) -> None:
    log_in(client, token_for(made, "chen", Role.ANALYST))
    answer = send(client, PAGE, PAGE, blur="1", grey="1", a_day="5", minutes_between="0", remind_after="3")
    assert answer.headers["location"] == f"{PAGE}?done=now"
    answer = send(client, PAGE, PAGE, a_day="9", minutes_between="0", remind_after="3")
    assert answer.headers["location"] == f"{PAGE}?done=tomorrow"
    chen = made.node.access.named("chen")
    caller = made.node.access.standing(chen.id)
    assert caller is not None
    assert made.node.welfare.limits(caller).a_day == 5
    later = made.node.welfare.later(caller)
    assert later is not None
    assert (later.a_day, later.blur) == (9, False)
    assert 'value="9"' in client.get(PAGE).text, "the form shows what was chosen last"


def test_a_number_out_of_bounds_is_told_at_its_field(client: Client, made: Made) -> None:
    log_in(client, token_for(made, "chen", Role.ANALYST))
    answer = send(client, PAGE, PAGE, blur="1", a_day="0", minutes_between="１", remind_after="99999999999")
    assert answer.status_code == 422
    assert answer.text.count('aria-invalid="true"') == 3
    assert 'id="blur" type="checkbox" name="blur" value="1" checked' in answer.text
    assert 'id="grey" type="checkbox" name="grey" value="1" checked' not in answer.text
