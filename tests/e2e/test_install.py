"""What `make install` puts where, and adapters from the folder it fills."""
import os
import shutil
import subprocess

import fronts
from home import BINARY, wait_until
from test_sighup import ask, events, hang_up


def test_the_prefix_is_in_what_is_installed(tmp_path):
    run = subprocess.run(["make", "-o", "all", "install", f"DESTDIR={tmp_path}", "PREFIX=/opt/hris",
                          f"BUILD={os.path.dirname(os.path.abspath(BINARY))}"], cwd=fronts.TOP, capture_output=True,
                         text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    share = tmp_path / "opt/hris/share"
    for name, text in (("hrisgw/conf/systemd/hrisgw.service", "ExecStart=/opt/hris/bin/hrisgw serve"),
                       ("hrisgw/nginx/hrisgw.apache-fcgid.conf", '"/opt/hris/lib/cgi-bin/hrisgw.fcgi/"'),
                       ("man/man8/hrisgw.8", "/opt/hris/share/hrisgw")):
        found = (share / name).read_text()
        assert text in found and "/usr/local" not in found, name
    assert os.path.exists(tmp_path / "opt/hris/lib/cgi-bin/hrisgw.fcgi")
    # What it came with is found by where it lies.
    config = tmp_path / "hrisgw.yaml"
    config.write_text("routes: .\n")
    out = subprocess.run([str(tmp_path / "opt/hris/bin/hrisgw"), "adapter", "list", "--config", str(config)],
                         capture_output=True, text=True, timeout=60, check=False)
    assert out.returncode == 0 and "bamboohr" in out.stdout and "odoo" in out.stdout, out


def test_ones_own_adapter_hides_the_shared_one(own_home, hris):
    """From the shared folder to one's own and back, without a gap; a shared one that is broken is no fault then."""
    own, shared = own_home.dir + "/adapters/bamboohr.yaml", own_home.dir + "/share/hrisgw/conf/adapters"
    os.makedirs(shared)
    shutil.move(own, shared)
    os.rmdir(own_home.dir + "/adapters")
    os.symlink("lib", own_home.dir + "/bin")
    own_home.start()
    secret = own_home.read_secret("acme-plain")
    assert ask(own_home, secret) == 200 and b'"faults":[]' in own_home.fcgi("/-/ready", method="GET").body
    asked = len(hris.asked)
    with open(shared + "/bamboohr.yaml", encoding="utf-8") as file:
        text = file.read()
    os.mkdir(own_home.dir + "/adapters")
    own_home.write("adapters/bamboohr.yaml", text.replace("/meta/time_off/types", "/meta/time_off/own"))
    hang_up(own_home)
    wait_until(lambda: events(own_home, "adapter loaded") == ["bamboohr"])
    ask(own_home, secret)
    assert any("/own" in a.path for a in hris.asked[asked:])
    own_home.write("share/hrisgw/conf/adapters/bamboohr.yaml", "nonsense: true\n")
    hang_up(own_home)
    assert ask(own_home, secret) == 200
    assert events(own_home, "adapter fault") == []
    own_home.write("share/hrisgw/conf/adapters/bamboohr.yaml", text)
    os.unlink(own)
    hang_up(own_home)
    wait_until(lambda: len(events(own_home, "adapter loaded")) == 2)
    asked = len(hris.asked)
    assert ask(own_home, secret) == 200 and not any("/own" in a.path for a in hris.asked[asked:])
