"""Twilio's Python SDK against the sandbox: sandbox_sdk.py http://127.0.0.1:PORT

Prints "ok: ..." and ends with status 0 when everything is as Twilio has it.
"""
import json
import sys
import urllib.parse
import urllib.request

try:
    import twilio
    from twilio.base.exceptions import TwilioRestException
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client
except ModuleNotFoundError as error:
    sys.exit(f"{error}: install Debian's package python3-twilio (apt-get install python3-twilio)")

ONE = "1".zfill(32)
ACCOUNT = "AC" + ONE
ANA = "WK" + ONE
PERSON = "+12025550101"

BASE = sys.argv[1]


class SandboxClient(TwilioHttpClient):
    """Sends what is for https://HOST/ to the sandbox."""

    def request(self, method, url, *args, **more):
        path = urllib.parse.urlsplit(url)._replace(scheme="", netloc="").geturl()
        return super().request(method, f"{BASE}/sandbox/twilio{path}", *args, **more)


def client_of(user, password, account=None):
    return Client(user, password, account, http_client=SandboxClient())


def last_code(to):
    query = urllib.parse.urlencode({"to": to})
    with urllib.request.urlopen(f"{BASE}/sandbox/messages?{query}") as reply:
        return json.load(reply)["messages"][0]["code"]


def other_than(code):
    return "111111" if code != "111111" else "222222"


def expect(actual, expected):
    if actual != expected:
        raise AssertionError(f"{actual!r} is not {expected!r}")


def expect_refusal(status, code, call):
    try:
        call()
    except TwilioRestException as error:
        expect((error.status, error.code), (status, code))
    else:
        raise AssertionError(f"not refused with {status} {code}")


def verify(service):
    def send(to=PERSON, channel="sms"):
        return service.verifications.create(to=to, channel=channel)

    def check(code):
        return service.verification_checks.create(to=PERSON, code=code)

    sent = send()
    expect((sent.status, sent.to, sent.channel, sent.valid), ("pending", PERSON, "sms", False))
    expect(send(channel="call").sid, sent.sid)
    expect(len(service.verifications(sent.sid).fetch().send_code_attempts), 2)
    code = last_code(PERSON)
    expect(check(other_than(code)).status, "pending")
    approved = check(code)
    expect((approved.status, approved.valid, approved.sid), ("approved", True, sent.sid))
    expect_refusal(404, 20404, lambda: check(code))
    expect_refusal(404, 20404, service.verifications(sent.sid).fetch)

    other = send()
    expect(service.verifications(other.sid).update(status="canceled").status, "canceled")
    for _ in range(5):
        send()
    expect_refusal(429, 60203, send)
    for _ in range(5):
        check(other_than(last_code(PERSON)))
    expect_refusal(429, 60202, lambda: check(last_code(PERSON)))
    expect_refusal(403, 60205, lambda: send("+12025550140"))
    expect_refusal(429, 20429, lambda: send("+12025550145"))
    expect_refusal(503, 503, lambda: send("+12025550154"))
    expect_refusal(400, 60200, lambda: send("nobody"))


def tasks(workspace):
    task = workspace.tasks("WT" + ONE)
    fetched = task.fetch()
    expect(fetched.assignment_status, "assigned")
    expect(json.loads(fetched.attributes)["from"], PERSON)
    reservations = task.reservations.list(reservation_status="accepted")
    expect([(r.worker_name, r.worker_sid) for r in reservations], [("Ana", ANA)])
    expect(task.reservations(reservations[0].sid).fetch().reservation_status, "accepted")
    updated = task.update(attributes='{"otp": "passed"}', if_match="0")
    expect(updated.attributes, '{"otp": "passed"}')
    expect_refusal(412, 20412, lambda: task.update(attributes="{}", if_match="0"))
    expect_refusal(400, 20001, lambda: task.update(attributes="{"))
    expect_refusal(404, 20404, workspace.tasks("WT" + "9" * 32).fetch)


def main():
    client = client_of(ACCOUNT, ONE)
    verify(client.verify.v2.services("VA" + ONE))
    tasks(client.taskrouter.workspaces("WS" + ONE))
    expect(len(client.verify.v2.verification_attempts.list(page_size=3)), 8)
    with_key = client_of("SK" + ONE, "sandbox-api-key-secret", ACCOUNT)
    expect(with_key.verify.v2.services("VA" + ONE).fetch().code_length, 6)
    stranger = client_of(ACCOUNT, "0" * 32)
    expect_refusal(401, 20003, stranger.verify.v2.services("VA" + ONE).fetch)
    print(f"ok: twilio {twilio.__version__}")


main()
