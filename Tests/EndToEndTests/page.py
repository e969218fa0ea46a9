"""Does a person's work on the upload page, in a headless Chromium, and fails with what was not as it should be.

page.py URL TOKEN ORG FOLDER: files and screenshots go to FOLDER. The service has the campaigns `leads` (US), `shut`
(closed) and `berlin` (DE).
"""

import csv
import io
import json
import os
import pathlib
import sys
import time
import urllib.request

import axe_core_python
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

URL, TOKEN, ORG, FOLDER = sys.argv[1], sys.argv[2], sys.argv[3], pathlib.Path(sys.argv[4])
AXE = (pathlib.Path(axe_core_python.__file__).parent / "axe.min.js").read_text()
# What WCAG 2.1 AA asks for, and what is good besides.
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
PATIENCE = 20


def start():
    options = webdriver.ChromeOptions()
    for argument in ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1100,1000", "--lang=en",
                     "--disable-background-networking", "--disable-component-update", "--no-first-run"]:
        options.add_argument(argument)
    options.add_experimental_option("prefs", {"download.default_directory": str(FOLDER / "downloads")})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    options.binary_location = "/usr/bin/chromium"
    return webdriver.Chrome(options, webdriver.ChromeService("/usr/bin/chromedriver"))


class Page:
    def __init__(self, driver):
        self.driver = driver

    def until(self, what, look):
        """Looks again and again until there is an answer that is true."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if answer := look():
                    return answer
            except StaleElementReferenceException:
                pass
            time.sleep(0.03)
        raise AssertionError(f"waited in vain for {what}; the page shows:\n{self.text()}")

    def text(self, id="main"):
        return self.driver.find_element(By.ID, id).text

    def shows(self, *texts, id="main"):
        for text in texts:
            self.until(f"{text!r} in {id}", lambda: text in self.text(id))

    def hides(self, text, id="main"):
        self.until(f"no {text!r} in {id}", lambda: text not in self.text(id))

    def element(self, id):
        return self.until(f"#{id}", lambda: next((one for one in self.driver.find_elements(By.ID, id) if one.is_enabled()), None))

    def click(self, id):
        self.element(id).click()

    def follow(self, link):
        def click():
            self.driver.find_element(By.LINK_TEXT, link).click()
            return True
        self.until(f"the link {link}", click)

    def press(self, *keys):
        webdriver.ActionChains(self.driver).send_keys(*keys).perform()

    def focused(self):
        return self.driver.switch_to.active_element.get_attribute("id")

    def tab_to(self, id):
        """By the keyboard alone, as far as a person would bear."""
        for _ in range(40):
            if self.focused() == id:
                return
            self.press(Keys.TAB)
        raise AssertionError(f"the keyboard does not lead to {id}")

    def choose(self, id, value):
        self.driver.execute_script(
            "const s = document.getElementById(arguments[0]); s.value = arguments[1]; s.dispatchEvent(new Event('change'))", id, value)

    def campaign(self, search, picker="campaign-picker"):
        field = self.element(f"{picker}-input")
        field.click()
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(search)
        self.until("an option", lambda: self.driver.find_elements(By.CSS_SELECTOR, f"#{picker}-options .active"))
        field.send_keys(Keys.ENTER)

    def browse(self, name, content):
        path = FOLDER / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.driver.find_element(By.ID, "file").send_keys(str(path))

    def drop(self, name, content):
        """As a person drags a file onto the zone."""
        self.driver.execute_script("""
            const transfer = new DataTransfer();
            transfer.items.add(new File([Uint8Array.from(arguments[1])], arguments[0]));
            for (const name of ["dragenter", "dragover", "drop"]) {
              document.getElementById("drop").dispatchEvent(new DragEvent(name, { dataTransfer: transfer, bubbles: true, cancelable: true }));
            }""", name, list(content.encode()))

    def ready(self):
        self.until("a file that can go", lambda: self.driver.find_element(By.ID, "submit").is_enabled())

    def submit(self):
        self.ready()
        self.click("submit")
        self.shows("Drop another file", id="outcome")

    def again(self):
        self.click("next-again")
        assert self.focused() == "file", "the focus is lost after a result"

    def screenshot(self, name, width=1100, dark=False):
        command = self.driver.execute_cdp_cmd
        command("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})
        command("Emulation.setDeviceMetricsOverride", {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False})
        height = self.driver.execute_script("return document.documentElement.scrollHeight")
        wide = self.driver.execute_script("return document.documentElement.scrollWidth")
        assert wide <= width, f"{name}: {wide} px wide at {width} px"
        command("Emulation.setDeviceMetricsOverride", {"width": width, "height": min(4000, height), "deviceScaleFactor": 1, "mobile": False})
        self.driver.save_screenshot(str(FOLDER / f"{name}.png"))

    def views(self, name):
        """Light, dark and narrow, without a fault in their accessibility."""
        self.driver.execute_script("for (const one of document.querySelectorAll('details')) one.open = true")
        for kind, width, dark in [("light", 1100, False), ("dark", 1100, True), ("narrow", 360, False)]:
            self.screenshot(f"{name}-{kind}", width, dark)
            if kind != "narrow":
                self.accessible(f"{name}, {kind}")
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})

    def accessible(self, where):
        if not self.driver.execute_script("return Boolean(window.axe)"):
            # Through the debugger, past the page's own policy, which must not know of it.
            self.driver.execute_cdp_cmd("Runtime.evaluate", {"expression": AXE})
        found = self.driver.execute_async_script(
            "const done = arguments[1]; axe.run({ runOnly: arguments[0] }).then((r) => done(r.violations.map((v) => "
            "[v.id, v.help, v.nodes.map((n) => n.html.slice(0, 200) + ' ' + n.failureSummary)])), (e) => done([String(e)]))", LEVELS)
        assert not found, f"{where}: {json.dumps(found, indent=1)}"


ROWS = "External ID,First Name,Mobile,Work Phone,Time Zone,Scheduled At\n"


def rows(count, first=0):
    return ROWS + "".join(
        f"A-{at},Ana {at},(415) 555-{at % 10000:04d},212-555-{at % 10000:04d},America/New_York,2031-03-01T09:30\n"
        for at in range(first, first + count))


def sign_in(page):
    page.driver.get(URL)
    page.shows("Sign in")
    page.views("sign-in")
    page.element("token").send_keys("rc_wrong")
    page.element("org").send_keys(ORG, Keys.ENTER)
    page.until("a refusal", lambda: page.text("sign-in-problem"))
    for id, text in [("token", TOKEN), ("org", ORG)]:
        page.element(id).clear()
        page.element(id).send_keys(text)
    page.press(Keys.ENTER)
    page.shows("Upload contacts", "at most 10 MiB")
    assert page.driver.get_cookies() == [], "the page sets a cookie"


def clean(page):
    page.shows("Choose a campaign first.", id="submit-reason")
    page.campaign("lea")
    page.shows("Choose a file first.", id="submit-reason")
    page.views("empty")
    page.drop("clean.csv", rows(12))
    page.shows("12 rows.", "(415) 555-0000", "Dial order")
    page.ready()
    page.shows("Ready", "12 rows can be stored", "+14155550000", "Puts clean.csv into leads.")
    page.views("clean")
    page.click("submit")
    page.shows("Accepted", "Drop another file", id="outcome")
    page.shows("Inserted\n12", id="outcome")
    page.views("accepted")
    page.again()
    page.browse("again.csv", rows(12))
    page.shows("Duplicate", "in the campaign already; nothing would change")
    assert not page.driver.find_element(By.ID, "submit").is_enabled()


def bad(page):
    text = (ROWS + "B-1,Zoë,555-01,,America/New_York,2031-03-01T09:30\nB-2,Bo,(415) 555-0102,,EST,soon\n"
            "B-3,Cy,(415) 555-0103,,Mars/Base,2031-02-30T09:30\n")
    page.browse("bad.csv", text)
    page.shows("Problems (", "Row 1", "line 2", "555-01", "too short", "“EST”".strip("“”"), "is not an IANA time zone name",
               "is not an ISO 8601 time", "Write it as Area/City", "Row 3", "mend it first", id="prepare")
    page.shows("Zoë", "2031-02-30T09:30", id="check")
    assert not page.driver.find_element(By.ID, "submit").is_enabled()
    page.views("bad")


def adjusted(page):
    page.browse("adjust.csv", "Kunde,Erreichbar unter,Ersatz,Mobile\nC-1,(415) 555-0111,(415) 555-0112,(415) 555-0113\n")
    page.ready()
    page.choose("field-0", "external_id")
    page.choose("field-1", "phone_numbers")
    page.choose("field-2", "phone_numbers")
    page.choose("field-3", "data")
    page.shows("Adjusted by you.", "Dial order", "Ersatz")
    page.click("up-2")
    page.until("the focus on the moved number", lambda: page.focused() == "down-2")
    page.ready()
    page.shows("+14155550112\n+14155550111", "C-1", id="check-body")
    page.submit()
    page.shows("Accepted", id="outcome")
    page.again()
    stored = api(f"/campaign/campaigns/leads/contacts?external_id=C-1")["contacts"][0]
    assert stored["phone_numbers"] == ["+14155550112", "+14155550111"], stored
    assert stored["data"] == {"Mobile": "(415) 555-0113"}, stored
    page.browse("rules.csv", "Mobile,Timezone,TZ\n(415) 555-0111,UTC,UTC\n")
    page.ready()
    page.choose("field-2", "timezone")
    assert page.element("field-1").get_attribute("value") == "data", "a contact would have two time zones"
    page.choose("field-0", "data")
    page.shows("No column goes to Phone number", id="submit-reason")


def other_files(page):
    page.campaign("berl")
    page.browse("semikolon.csv", "Kontakt;Handynummer;Straße\nMüller;0171 5550123;Größe\nŻ;030 901820;x\n".replace("Ż", "Ä").encode("cp1252"))
    page.shows("Müller", "Größe", "windows-1252", "divided by semicolons")
    page.ready()
    page.shows("+491715550123")
    page.browse("breit.csv", "\ufeffName\tTelefon\r\nJürgen\t030 901821\r\n".encode("utf-16-le"))
    page.ready()
    page.shows("Jürgen", "divided by tabs", "+4930901821")
    page.campaign("lea")
    page.browse("nothing.csv", "Name,City\nAna,Bonn\n")
    page.shows("No column goes to Phone number", id="submit-reason")
    page.shows("No column is recognised as a phone number", id="check-state")
    page.browse("large.csv", b"Phone\n" + b"4155550100\n" * 953_251)
    page.shows("more than the 10 MiB allowed", id="file-problem")
    page.browse("empty.csv", "")
    page.shows("The file is empty.", id="file-problem")
    page.browse("table.xlsx", "PK")
    page.shows("save it as CSV UTF-8", id="file-problem")
    page.browse("many.csv", rows(1204, 5000))
    page.shows("The first 1,000 of 1,204 rows are read.")
    page.ready()
    page.shows("204 beyond the limit are not read")
    page.submit()
    page.shows("Inserted\n1,000", "Not read\n204", id="outcome")
    page.again()
    page.browse("contacts.json", json.dumps({"contacts": [{"phone_numbers": ["+14155550199"], "external_id": "J-1"}]}))
    page.ready()
    page.shows("+14155550199", "J-1")
    assert not page.driver.find_element(By.ID, "columns").is_displayed(), "JSON has no columns"
    page.browse("broken.json", '{"contacts": [{"phone_numbers": ["+1"]}')
    page.shows("Rejected", "JSON", id="check-state")
    page.campaign("shut")
    page.browse("late.csv", "Phone\n(415) 555-0109\n")
    page.shows("closed and takes no contacts", id="submit-reason")
    page.campaign("lea")
    page.ready()


def hostile(page):
    header = '"<img src=x onerror=alert(1)>",Phone,\u202egnp.exe,__proto__,"<script>alert(2)</script>"\n'
    row = '"<img src=x onerror=alert(3)>",555-01<b>,\u202egnp.exe,"=cmd|\' /C calc\'!A0","\u0000\u0007</td><svg onload=alert(4)>"\n'
    page.browse("<img src=x onerror=alert(5)>.csv".replace("/", ""), header + row)
    page.shows("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(3)>", "555-01<b>", "=cmd|", "⟨U+202E⟩", "Problems (")
    for tag in ["main img", "main svg", "main script", "main b"]:
        assert not page.driver.find_elements(By.CSS_SELECTOR, tag), f"{tag}: a file's text became markup"
    page.views("hostile")
    page.browse("quotes.csv", 'Phone,Note\n"(415) 555-0120","a ""b"",\nc"\n')
    page.ready()
    page.shows('a "b", c', id="mapping")


def by_keyboard(page):
    """The whole job without a mouse, from the first key on."""
    page.driver.get(URL + "#upload")
    page.driver.refresh()
    page.shows("Upload contacts", "at most 10 MiB")
    page.press(Keys.TAB)
    if page.focused() != "skip":
        page.tab_to("skip")
    page.press(Keys.ENTER)
    assert page.focused() == "main", "the skip link leads nowhere"
    page.tab_to("campaign-picker-input")
    page.press("ber")
    page.until("an option", lambda: page.driver.find_elements(By.CSS_SELECTOR, "#campaign-picker-options .active"))
    page.press(Keys.ESCAPE)
    page.press(Keys.ARROW_DOWN)
    page.press("lea", Keys.ENTER)
    page.shows("leads · active", id="campaign-picker")
    page.tab_to("file")
    # The chooser is the browser's own window; what it gives is what a person would have typed there.
    page.browse("keys.csv", "Phone 1,Phone 2\n(415) 555-0130,(415) 555-0131\n")
    page.ready()
    page.tab_to("field-0")
    # To External ID and back: it is then the last to be dialled.
    page.press(Keys.ARROW_DOWN, Keys.ARROW_UP)
    page.tab_to("up-0")
    page.press(Keys.ENTER)
    page.until("the moved number", lambda: page.focused() == "down-0")
    page.ready()
    page.tab_to("submit")
    page.press(Keys.ENTER)
    page.shows("Accepted", id="outcome")
    page.tab_to("next-again")
    page.press(Keys.ENTER)
    page.until("the file field", lambda: page.focused() == "file")


def rejected(page):
    """What the check did not foresee is told after the sending, with the rejected rows to take home."""
    page.driver.refresh()
    page.shows("at most 10 MiB")
    page.campaign("skipping")
    page.browse("partly.csv", ROWS + "D-1,Ana,(415) 555-0140,,,\nD-2,Bo,555-01,,,\n")
    page.ready()
    page.shows("1 would be rejected", "555-01", id="check")
    page.submit()
    page.shows("Invalid numbers (1)", "Row 2", "line 3", "Bo", "too short", "Inserted\n1", id="outcome")
    page.views("rejected")
    page.driver.find_element(By.CSS_SELECTOR, ".download").click()
    file = FOLDER / "downloads" / "partly.csv.rejected.csv"
    page.until("the rejected rows", lambda: file.exists() and file.stat().st_size)
    kept = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))))
    assert len(kept) == 1 and kept[0]["Mobile"] == "555-01" and kept[0]["rollcall_code"] == "too_short", kept
    page.again()


def recent(page):
    page.follow("Recent files")
    page.shows("Files, newest first", "partly.csv", "many.csv", "clean.csv", "Accepted", id="view-ingests")
    page.campaign("lea", "filter-picker")
    page.hides("partly.csv", id="list")
    page.shows("Contacts by status", "Total\n1,014", "pending", id="view-ingests")
    page.views("recent")
    page.click("refresh")
    page.follow("many.csv")
    page.shows("Accepted", "Inserted\n1,000", "Mapping (6 columns)", id="view-ingest")
    assert "many.csv" in page.driver.title
    page.views("ingest")
    page.driver.back()
    page.shows("Files, newest first")
    page.driver.get(URL + "#ingests/%3Cimg%20src=x%3E")
    page.until("a refusal", lambda: page.text("ingest-problem"))


def signs_out(page):
    page.driver.get(URL + "#upload")
    page.click("sign-out")
    page.shows("Sign in")
    assert page.driver.execute_script("return sessionStorage.length") == 0


def reader(page):
    """The browser's reader against Python's, in whatever pieces the text comes."""
    cases = ['a,b\n1,2\n', 'a,b\r\n1,2', '"a,1","b\r\nc"\r\n"x""y",\r\n', 'a\rb\rc', ',,\n,\n', '"a"b,c\n', 'é,"ü\nö"\n1,2\n', '\n\na,b\n']
    for text in cases:
        wanted = [[cell.replace("\r\n", "\n") for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]
        for size in (1, 2, 3, 1000):
            found = page.driver.execute_async_script("""
                const [text, size, done] = arguments;
                import("/csv.js").then(({ CSVParser }) => {
                  const rows = [];
                  const parser = new CSVParser({}, (cells) => rows.push(cells));
                  for (let at = 0; at < text.length; at += size) parser.write(text.slice(at, at + size));
                  parser.end();
                  done(rows);
                }, (error) => done(String(error)))""", text, size)
            found = [[] if row == [""] else [cell.replace("\r\n", "\n") for cell in row] for row in found]
            assert found == wanted, f"{text!r} by {size}: {found}, not {wanted}"


HEADERS = ["Phone", "Phone 2", "work_phone", "Mobile (private)", "Phone Type", "Tel. Nr.", "Téléphone", "Contact ID", "id", "External-ID",
           "Time Zone", "TZ", "Scheduled At", "E-Mail", "Handynummer", "Phone Opt Out", "(Mobile)", "constructor", "rollcall_row", "No", "Cell2"]


def headers(page):
    """The browser's guess is what the server says."""
    text = ",".join(HEADERS) + "\n" + ",".join("" for _ in HEADERS) + "\n"
    answer = request("/campaign/campaigns/leads/files?name=h.csv&dry_run=true", text.encode())
    words = api("/campaign/limits")["header_words"]
    guessed = page.driver.execute_async_script(
        "import('/headers.js').then(({ guess }) => arguments[2](guess(arguments[0], arguments[1])))", HEADERS, words)
    wanted = {column["column"]: column["field"] for column in answer["manifest"]["mapping"]}
    assert wanted and {column["column"]: column["field"] for column in guessed} == wanted, [
        (column, wanted.get(column["column"])) for column in guessed if column["field"] != wanted.get(column["column"])]


def request(path, body=None, method=None):
    data = json.dumps(body).encode() if isinstance(body, dict) else body
    kind = "application/json" if isinstance(body, dict) else "application/octet-stream"
    asked = urllib.request.Request(
        URL.rstrip("/") + path, data, {"Authorization": f"Bearer {TOKEN}", "X-Anyreach-Org": ORG, "Content-Type": kind}, method=method)
    with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
        return json.load(answer)


api = request


def well_behaved(driver):
    """Nothing on the console, nothing against the policy, and no request to anywhere else."""
    # A refusal that the test provokes is an answer, which Chromium logs all the same.
    provoked = ("401 (Unauthorized)", "404 (Not Found)")
    log = [entry for entry in driver.get_log("browser") if not any(text in entry["message"] for text in provoked)]
    assert not log, f"the console has {log}"
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = message["params"]["request"]["url"]
            assert url.startswith((URL, "data:", "blob:" + URL)), f"a request to {url}"


STEPS = [sign_in, reader, headers, clean, bad, adjusted, other_files, hostile, by_keyboard, rejected, recent, signs_out]

if __name__ == "__main__":
    os.makedirs(FOLDER / "downloads", exist_ok=True)
    driver = start()
    try:
        for step in STEPS:
            began = time.monotonic()
            try:
                step(Page(driver))
            except Exception as error:
                driver.save_screenshot(str(FOLDER / "failed.png"))
                sys.exit(f"{step.__name__}: {type(error).__name__}: {error}\n{driver.get_log('browser')}")
            print(f"{step.__name__}: {time.monotonic() - began:.1f} s", flush=True)
        well_behaved(driver)
    finally:
        driver.quit()
