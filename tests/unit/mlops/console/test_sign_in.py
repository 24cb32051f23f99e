"""Nobody sees or changes anything who isn't signed in, and may; a session ends when it should."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from mlops.authorization.grants import Grant
from mlops.console.session.session import COOKIE, IDLE, LONGEST
from mlops.registry.aliases import Aliases
from tests.console_world import Visitor, World, make_manifest
from tests.unit.mlops.authorization.forgeries import Issuer, forged_tokens

PREDICTION = "01a2279b-1688-7108-ae29-d6cfd7f36d18"
FILE, BATCH, QUEUE = "2026-11.csv", "a-batch", "ingest"
PAGES = (
    "/console",
    "/console/models/churn",
    "/console/models/churn/performance.csv",
    "/console/models/churn/drift.csv",
    "/console/models/churn/events.csv",
    "/console/models/churn/traffic.csv",
    "/console/models/churn/versions",
    "/console/models/churn/versions.csv",
    "/console/models/churn/versions/1",
    "/console/models/churn/versions/1/card",
    "/console/models/churn/compare",
    "/console/models/churn/compare/rows",
    "/console/models/churn/compare/rows.csv",
    "/console/models/churn/data",
    "/console/models/churn/data/columns.csv",
    "/console/models/churn/data/difference",
    "/console/models/churn/data/difference.csv",
    "/console/models/churn/data/rejected",
    "/console/models/churn/data/rejected.csv",
    "/console/models/churn/reports/2026-11-28",
    "/console/models/churn/predictions",
    "/console/models/churn/predictions.csv",
    f"/console/models/churn/predictions/{PREDICTION}",
    f"/console/models/churn/predictions/{PREDICTION}/explanation.csv",
    "/console/models/churn/try",
    "/console/models/churn/logs",
    "/console/models/churn/logs.csv",
    "/console/models/churn/recommend",
    "/console/models/churn/trainings",
    f"/console/models/churn/trainings/{FILE}",
    f"/console/models/churn/trainings/{FILE}/trials.csv",
    "/console/trainings",
    "/console/batches",
    "/console/batches/schedules.csv",
    f"/console/batches/{BATCH}",
    f"/console/batches/{BATCH}/answers.csv",
    "/console/queues",
    f"/console/queues/{QUEUE}",
    f"/console/queues/{QUEUE}/letters.csv",
)
ACTIONS = (
    "promote",
    "approve",
    "rollback",
    "canary",
    "challenge",
    "withdraw",
    "undo",
    "try",
    "try.csv",
    "recommend",
    "recommend/history.csv",
    "recommend.csv",
)
REDRIVES = (f"/console/batches/{BATCH}/redrive", f"/console/queues/{QUEUE}/redrive")


def test_every_route_but_sign_in_and_static_files_is_tested_for_being_closed(world: World) -> None:
    app = world.open_app()
    paths = {getattr(route, "path", "") for router in [app.router] for route in _flatten(router.routes)}
    names = {"churn": "{model}", "/1": "/{number}", "2026-11-28": "{window}", PREDICTION: "{prediction_id}"}
    names |= {FILE: "{file}", BATCH: "{name}", QUEUE: "{name}"}
    known = {_rename(path, names) for path in PAGES}
    known |= {f"/console/models/{{model}}/{action}" for action in ACTIONS}
    known |= {_rename(path, names) for path in REDRIVES}
    assert paths == known | {"/console/sign-in", "/console/sign-out", "/console/static/{digest}/{name}"}


def _rename(path: str, names: dict[str, str]) -> str:
    for given, name in names.items():
        path = path.replace(given, name)
    return path


def _flatten(routes: object) -> list[object]:
    found: list[object] = []
    for route in routes:  # type: ignore[attr-defined]
        inner = getattr(route, "routes", None) or getattr(getattr(route, "original_router", None), "routes", None)
        found += _flatten(inner) if inner else [route]
    return found


@pytest.mark.parametrize("path", PAGES)
def test_a_page_leads_to_sign_in_and_from_there_back(world: World, path: str) -> None:
    visitor = Visitor(world.open_app())
    answer = visitor.get(path, follow=False)
    assert answer.status_code == 303
    key = world.make_key()
    signed_in = visitor.get(path)
    assert 'name="key"' in signed_in.text
    after = visitor.post("/console/sign-in", {"key": key, "next": path})
    assert after.url.path == path


@pytest.mark.parametrize("path", REDRIVES)
def test_nobody_redrives_who_isnt_signed_in(world: World, path: str) -> None:
    answer = Visitor(world.open_app()).post(path, {"redrives": 0, "why": "to see"})
    assert answer.status_code == 401


@pytest.mark.parametrize("action", ACTIONS)
def test_nobody_acts_who_isnt_signed_in(world: World, action: str) -> None:
    answer = Visitor(world.open_app()).post(f"/console/models/churn/{action}", {"version": 1, "why": "to see"})
    assert answer.status_code == 401
    assert "nobody is signed in" in answer.text


def test_a_link_signs_in_once_and_looking_at_it_doesnt_use_it(world: World) -> None:
    link = world.make_link()
    for _ in range(3):
        assert "signs you in once" in Visitor(world.open_app()).get(link).text
    visitor = Visitor(world.open_app())
    assert "All models" in visitor.follow(link).text
    late = Visitor(world.open_app()).post("/console/sign-in", {"link": link.partition("link=")[2]})
    assert late.status_code == 401
    assert "used already" in late.text


def test_a_link_is_no_good_after_an_hour(world: World) -> None:
    link = world.make_link()
    world.now += timedelta(minutes=61)
    assert Visitor(world.open_app()).post("/console/sign-in", {"link": link.partition("link=")[2]}).status_code == 401


@pytest.mark.parametrize("key", ["", "mlops_nothing", "mlops_" + "a" * 38, "é" * 40, "x" * 10_000])
def test_what_is_no_key_signs_nobody_in(world: World, key: str) -> None:
    world.make_key()
    answer = Visitor(world.open_app()).post("/console/sign-in", {"key": key})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


def test_a_key_that_was_used_is_marked_so(world: World) -> None:
    key = world.make_key()
    Visitor(world.open_app()).post("/console/sign-in", {"key": key})
    (item,) = [item for (table, _), item in world.tables.items.items() if table == "keys"]
    assert item["last_used"] == {"N": str(int(world.time()))}


def test_no_script_and_no_other_site_gets_the_cookie_and_over_https_nothing_else_does(world: World) -> None:
    for address, secure in (("http://console.test", False), ("https://console.test", True)):
        visitor = Visitor(world.open_app(), address)
        answer = visitor.post("/console/sign-in", {"key": world.make_key()}, follow=False)
        fields = {each.strip().lower() for each in answer.headers["set-cookie"].split(";")[1:]}
        assert {"httponly", "samesite=lax", "path=/console"} <= fields
        assert ("secure" in fields) == secure


def test_a_session_ends_after_an_hour_without_a_page(world: World, ann: Visitor) -> None:
    for _ in range(2):
        assert "All models" in ann.get().text
        world.now += timedelta(seconds=IDLE - 1)
    assert "All models" in ann.get().text
    world.now += timedelta(seconds=IDLE)
    assert 'name="key"' in ann.get().text


def test_a_page_that_renews_itself_keeps_no_session_alive(world: World, ann: Visitor) -> None:
    ann.get()
    world.now += timedelta(seconds=IDLE - 1)
    assert ann.get(headers={"hx-request": "true"}).status_code == 200
    world.now += timedelta(seconds=1)
    answer = ann.get(headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/console/sign-in")


def test_a_session_ends_in_twelve_hours_however_much_its_used(world: World, ann: Visitor) -> None:
    for _ in range(LONGEST // (IDLE // 2) - 1):
        world.now += timedelta(seconds=IDLE // 2)
        assert "All models" in ann.get().text
    world.now += timedelta(seconds=IDLE // 2)
    assert 'name="key"' in ann.get().text


def test_signing_out_ends_the_session_for_a_copy_of_its_cookie_too(world: World, ann: Visitor) -> None:
    copy = Visitor(world.open_app())
    copy.cookies = ann.cookies.__class__(ann.cookies)
    assert "All models" in copy.get().text
    ann.post("/console/sign-out", {"form_token": ann.token()})
    assert 'name="key"' in ann.get().text
    assert 'name="key"' in copy.get().text


def test_a_session_that_was_ended_stays_so_for_a_copy_that_was_renewed_since(world: World, ann: Visitor) -> None:
    """DynamoDB deletes what says that it has ended, at the time that stands there."""
    cookie = ann.cookies[COOKIE]
    copy = Visitor(world.open_app())
    copy.cookies = ann.cookies.__class__(ann.cookies)
    world.now += timedelta(seconds=IDLE - 300)
    assert "All models" in copy.get().text
    ann.cookies.set(COOKIE, cookie, domain="console.test", path="/console")
    ann.post("/console/sign-out", {"form_token": copy.token()})
    for _ in range(LONGEST // IDLE):
        for place, item in [*world.tables.items.items()]:
            if place[0] == "sessions" and "expires" in item and int(item["expires"]["N"]) <= world.time():
                del world.tables.items[place]
        assert 'name="key"' in copy.get().text
        world.now += timedelta(seconds=IDLE - 60)


def test_another_site_signs_nobody_out(ann: Visitor) -> None:
    ann.post("/console/sign-out", {"form_token": "x"}, follow=False)
    again = Visitor(ann._app)
    again.cookies = ann.cookies
    assert COOKIE not in dict(again.cookies) or "All models" in again.get().text


def test_a_key_that_is_revoked_ends_its_sessions_at_once(world: World) -> None:
    visitor = Visitor(world.open_app())
    visitor.post("/console/sign-in", {"key": world.make_key()})
    assert "All models" in visitor.get().text
    for (table, _), item in world.tables.items.items():
        if table == "keys":
            item["revoked"] = {"N": "1"}
    assert 'name="key"' in visitor.get().text


def test_a_session_may_what_its_key_may_now(world: World) -> None:
    visitor = Visitor(world.open_app())
    visitor.post("/console/sign-in", {"key": world.make_key(scopes=("read", "operate"))})
    assert 'name="why"' in visitor.get("/console/models/churn/versions").text
    token = visitor.token()
    (place,) = [place for place in world.tables.items if place[0] == "keys"]
    grant = Grant.of_item(world.tables.items[place])
    world.tables.items[place] = replace(grant, scopes=frozenset(("read",))).item()
    answer = visitor.post(
        "/console/models/churn/rollback", {"form_token": token, "why": "to see", "version": 4}, follow=False
    )
    assert answer.status_code == 403
    world.tables.items[place] = replace(grant, models=frozenset(("leaves",))).item()
    assert visitor.get("/console/models/churn").status_code == 404
    world.tables.items[place] = replace(grant, expires=int(world.time()) + 60).item()
    assert visitor.get("/console/models/churn").status_code == 200
    world.now += timedelta(seconds=60)
    assert 'name="key"' in visitor.get().text


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.test"},
        {"origin": "null"},
        {"origin": "http://console.test.evil.test"},
        {"origin": "http://console.test:81"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"content-type": "text/plain"},
        {"content-type": "application/json"},
        {"content-type": "multipart/form-data; boundary=x"},
    ],
    ids=str,
)
def test_another_site_changes_nothing_and_signs_nobody_in(world: World, ann: Visitor, headers: dict[str, str]) -> None:
    """Not even where it knows the form's token, and not as itself: a session of its own could be put on somebody."""
    token, key = ann.token(), world.make_key()
    champion = Aliases(world.models, "churn").read("champion")
    content = {"content": f"form_token={token}&why=x&version=4"}
    kind = {"content-type": "application/x-www-form-urlencoded"}
    answer = ann.request("POST", "/console/models/churn/rollback", headers=kind | headers, follow=False, **content)
    assert answer.status_code == 403
    assert Aliases(world.models, "churn").read("champion") == champion
    stranger = Visitor(world.open_app())
    answer = stranger.request("POST", "/console/sign-in", headers=kind | headers, follow=False, content=f"key={key}")
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


@pytest.mark.parametrize("action", ACTIONS)
def test_no_address_that_is_only_opened_changes_anything(world: World, ann: Visitor, action: str) -> None:
    champion, challenger = (Aliases(world.models, "churn").read(name) for name in ("champion", "challenger"))
    query = f"form_token={ann.token()}&why=x&version=1&moves=2&percent=50&days=1&alias=champion&insist=on"
    for method in ("GET", "HEAD"):
        ann.request(method, f"/console/models/churn/{action}?{query}", headers={"x-http-method-override": "POST"})
    assert Aliases(world.models, "churn").read("champion") == champion
    assert Aliases(world.models, "churn").read("challenger") == challenger


def test_nobody_brings_a_session_along(world: World) -> None:
    """Sign-in begins a new session, whatever cookie was there: one that an attacker knows stays without an owner."""
    visitor = Visitor(world.open_app())
    visitor.cookies.set(COOKIE, "known.to-somebody", domain="console.test", path="/console")
    visitor.post("/console/sign-in", {"key": world.make_key()})
    first = visitor.cookies[COOKIE]
    assert "known" not in first
    visitor.post("/console/sign-in", {"key": world.make_key()})
    assert visitor.cookies[COOKIE].partition(".")[0] != first.partition(".")[0]


def test_a_cookie_of_another_purpose_is_no_session(world: World, ann: Visitor) -> None:
    """What signs cookies signs forms too."""
    body, _, signature = ann.cookies[COOKIE].strip('"').partition(".")
    token = ann.token()
    for text in (f"{body}.{token}", f"{token}.{token}", f"{token}.{signature}", f"{body}.{signature}.{token}"):
        answer = Visitor(world.open_app()).get(headers={"cookie": f"{COOKIE}={text}"}, follow=False)
        assert answer.status_code == 303


def test_of_two_who_use_a_link_at_once_one_is_signed_in(world: World) -> None:
    token = world.make_link().partition("link=")[2]
    visitors = [Visitor(world.open_app()) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        codes = [*pool.map(lambda each: each.post("/console/sign-in", {"link": token}).status_code, visitors)]
    assert sorted(codes) == [200, *[401] * 7]


def test_a_link_in_another_form_is_none(world: World) -> None:
    token = world.make_link().partition("link=")[2]
    app = world.open_app()
    for given in (f"{token} ", token.lower(), token[:-1], f"link:{token}", "secret", "ended:", "\x00"):
        assert Visitor(app).post("/console/sign-in", {"link": given}).status_code == 401
    assert Visitor(app).post("/console/sign-in", {"link": token}).status_code == 200


@pytest.mark.parametrize(
    "after",
    [
        "/console/..//evil.test",
        "/console/%2e%2e//evil.test",
        "///evil.test/console",
        "https:/console",
        "http:console",
        "/console\t//evil.test",
        " //evil.test",
        "/console?next=//evil.test",
        "/console#//evil.test",
        "/console/@evil.test",
        "console",
        "@evil.test/console",
        "/console\r\nset-cookie: a=b",
        "/console\u2028x",
    ],
)
def test_wherever_sign_in_leads_it_is_this_site(world: World, after: str) -> None:
    answer = Visitor(world.open_app()).post("/console/sign-in", {"key": world.make_key(), "next": after}, follow=False)
    there = httpx.URL("http://console.test/console/sign-in").join(answer.headers["location"])
    assert there.host == "console.test"
    assert len(answer.headers.get_list("set-cookie")) == 1


@pytest.mark.parametrize("header", ["host", "x-forwarded-host", "forwarded"])
def test_no_header_of_a_request_names_where_sign_in_leads(world: World, header: str) -> None:
    value = "host=evil.test" if header == "forwarded" else "evil.test"
    visitor = Visitor(world.open_app())
    answer = visitor.get("/console/models/churn", headers={header: value}, follow=False)
    assert answer.status_code == 303
    assert "evil.test" not in answer.headers["location"]
    assert "evil.test" not in visitor.get("/console/sign-in", headers={header: value}).text


def test_a_cookie_that_was_altered_or_signed_by_another_secret_is_none(world: World, ann: Visitor) -> None:
    cookie = ann.cookies[COOKIE]
    body, _, signature = cookie.strip('"').partition(".")
    forged = (f"{body[:-4]}AAAA.{signature}", f"{body}.{'0' * 64}", body, "", ".", "é.é", f"{body}.{signature[::-1]}")
    for text in forged:
        answer = Visitor(world.open_app()).get(headers={"cookie": f"{COOKIE}={text}".encode()}, follow=False)
        assert answer.status_code == 303, text
    del world.tables.items["sessions", "secret"]
    other = Visitor(world.open_app())
    other.cookies = ann.cookies
    assert 'name="key"' in other.get().text


def test_all_instances_sign_with_one_secret_that_the_first_one_made(world: World) -> None:
    visitor = Visitor(world.open_app())
    visitor.follow(world.make_link())
    for _ in range(3):
        other = Visitor(world.open_app())
        other.cookies = visitor.cookies
        assert "All models" in other.get().text


@pytest.mark.parametrize(
    "after", ["https://evil.test/", "//evil.test", "/console/../x\\", "/", "javascript:alert(1)", "/consolex"]
)
def test_sign_in_leads_to_no_other_place(world: World, after: str) -> None:
    answer = Visitor(world.open_app()).post("/console/sign-in", {"key": world.make_key(), "next": after}, follow=False)
    assert answer.headers["location"] == "/console"


def test_a_key_for_predictions_alone_sees_nothing(world: World) -> None:
    visitor = Visitor(world.open_app())
    answer = visitor.post("/console/sign-in", {"key": world.make_key(scopes=("predict", "feedback"))})
    assert answer.status_code == 403
    assert "needs the scope read" in answer.text


def test_a_key_for_reading_sees_no_form_and_cant_send_one(world: World) -> None:
    visitor = Visitor(world.open_app())
    visitor.post("/console/sign-in", {"key": world.make_key()})
    for page in ("/console/models/churn", "/console/models/churn/versions", "/console/models/churn/versions/1"):
        assert 'name="why"' not in visitor.get(page).text
    for action in ACTIONS:
        answer = visitor.act(f"/console/models/churn/{action}", version=1, moves=2, percent=0, alias="champion")
        assert answer.status_code == 403, action
        assert "needs the scope operate" in answer.text


def test_a_key_for_one_model_sees_no_other(watched: World) -> None:
    visitor = Visitor(watched.open_app())
    visitor.post("/console/sign-in", {"key": watched.make_key(scopes=("read", "operate"), models=("churn",))})
    page = visitor.get()
    assert "churn" in page.text
    assert "diagnosis" not in page.text
    assert visitor.get("/console/models/diagnosis").status_code == 404
    assert visitor.act("/console/models/diagnosis/rollback", version=7).status_code == 404
    assert visitor.get("/console/models/churn").status_code == 200


@pytest.fixture
def trusting(world: World) -> World:
    """The same, which takes the tokens of an issuer."""
    world.issuer = Issuer(world.time)
    return world


def enter(world: World, token: str) -> Visitor:
    visitor = Visitor(world.open_app())
    visitor.post("/console/sign-in", {"key": token})
    return visitor


def test_a_token_signs_in_whom_it_names_with_its_scopes_and_models(trusting: World) -> None:
    assert trusting.issuer
    trusting.add_versions("leaves", make_manifest("leaves", 1))
    operator = enter(trusting, trusting.issuer.token(sub="eve@example.com", scope="read operate openid"))
    assert "eve@example.com" in operator.get().text
    assert operator.act("/console/models/churn/rollback", version=4).url.path == "/console/models/churn/versions"
    reader = enter(trusting, trusting.issuer.token(scope="read", models=["leaves"]))
    assert "may only look" in reader.get().text
    assert "churn" not in reader.get().text
    assert reader.act("/console/models/leaves/promote", version=1, moves=0).status_code == 403
    assert enter(trusting, trusting.issuer.token(scope="predict")).get().status_code == 403


def test_a_session_is_over_when_its_token_is(trusting: World) -> None:
    assert trusting.issuer
    now = int(trusting.time())
    long, short = (enter(trusting, trusting.issuer.token(exp=now + seconds)) for seconds in (6 * 3600, 600))
    trusting.now += timedelta(seconds=599)
    assert "All models" in short.get().text
    trusting.now += timedelta(seconds=1)
    assert 'name="key"' in short.get().text
    for _ in range(11):
        assert "All models" in long.get().text
        trusting.now += timedelta(minutes=30)
    trusting.now += timedelta(minutes=19)
    assert "All models" in long.get().text
    trusting.now += timedelta(minutes=1)
    assert 'name="key"' in long.get().text


def test_no_forged_token_signs_anybody_in(trusting: World) -> None:
    assert trusting.issuer
    app = trusting.open_app()
    for kind, make in forged_tokens(trusting.issuer, random.Random(3)).items():
        answer = Visitor(app).post("/console/sign-in", {"key": make()})
        assert answer.status_code == 401, kind
        assert "set-cookie" not in answer.headers, kind


def test_where_no_issuer_is_trusted_a_token_is_no_key(world: World) -> None:
    visitor = Visitor(world.open_app())
    answer = visitor.post("/console/sign-in", {"key": Issuer(world.time).token()})
    assert answer.status_code == 401
    assert "key is unknown, revoked or expired" in answer.text
    assert "token" not in visitor.get("/console/sign-in").text.replace("form_token", "")


def test_while_an_issuers_keys_cant_be_fetched_keys_of_the_api_go_on_signing_in(trusting: World) -> None:
    assert trusting.issuer
    app, token = trusting.open_app(), trusting.issuer.token()
    trusting.issuer = None
    answer = Visitor(app).post("/console/sign-in", {"key": token})
    assert answer.status_code == 503
    assert "Tokens can&#39;t be checked now" in answer.text
    assert Visitor(app).post("/console/sign-in", {"key": trusting.make_key()}).status_code == 200


def test_without_its_table_nobody_is_let_in_and_the_page_says_why(world: World, ann: Visitor) -> None:
    world.tables.failing = True
    answer = ann.get()
    assert answer.status_code == 503
    assert "churn" not in answer.text
