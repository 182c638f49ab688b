"""How far an import is: a bar for people, a line now and then for logs."""

from io import StringIO

from integrations.management import progress


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_a_bar():
    out = Terminal()
    with progress.Bar(out) as bar:
        bar.stage("Reading", 200)
        bar.step(200)
    assert "Reading: 100%" in out.getvalue()


def test_a_log_gets_a_line_every_five_seconds(monkeypatch):
    out, seconds = StringIO(), iter([0.0, 1.0, 6.0, 6.0, 7.0])
    monkeypatch.setattr(progress, "monotonic", lambda: next(seconds))
    with progress.Bar(out) as bar:
        bar.stage("Taking over", 200)
        for done in (10, 50, 60):
            bar.step(done)
    assert out.getvalue() == "Taking over: 50 of 200 (25 %)\n"
