# Browsers in sessions, on a site that a session itself serves: the cmdlets do what a person does.
BeforeDiscovery {
    . $PSScriptRoot/HostReady.ps1
    $missing = $hostReady ? (Get-MissingProgram agb-browser-use-1) : 'this host has no sessions'
    if ($missing) {
        Write-Host "Skipping browsers: $missing"
    }
}

BeforeAll {
    . $PSScriptRoot/Support.ps1

    # Serves pages in a session: a form that sets a cookie, a page with the cookie, a download, a tall page.
    function Start-Site($Session) {
        $program = @'
from http.server import *
class Site(BaseHTTPRequestHandler):
    def log_message(self, *all): pass
    def do_GET(self):
        path, _, query = self.path.partition('?')
        cookie = self.headers.get('Cookie', '')
        text = {
            '/': '<title>Form</title><form action=/login><input name=user><button>Go</button></form><a id=file href=/report.bin>get</a>',
            '/login': '<title>Welcome</title>' + query,
            '/who': '<title>Who</title>' + ('in as ' + cookie if cookie else 'nobody'),
            '/tall': '<title>Tall</title><body style="margin:0"><div style="height:20000px;background:linear-gradient(red,blue)">',
            '/report.bin': 'x' * 5000,
        }.get(path)
        self.send_response(200 if text else 404)
        self.send_header('Content-Type', 'application/octet-stream' if path.endswith('.bin') else 'text/html')
        if path == '/login':
            self.send_header('Set-Cookie', query + '; Max-Age=86400; Path=/')
        self.end_headers()
        self.wfile.write((text or 'missing').encode())
ThreadingHTTPServer(('127.0.0.1', 8000), Site).serve_forever()
'@
        $started = $program | Invoke-AgbCommand -Session $Session @'
cat > /tmp/site.py && (setsid python3 /tmp/site.py >/dev/null 2>&1 &)
for i in $(seq 100); do (exec 3<>/dev/tcp/127.0.0.1/8000) 2>/dev/null && exit 0; sleep 0.1; done; exit 1
'@
        $started.Success | Should -BeTrue -Because $started.Stderr
    }

    function Get-Size([string] $Png) {
        $bytes = [IO.File]::ReadAllBytes($Png)
        $number = { param($at) [Buffers.Binary.BinaryPrimitives]::ReadInt32BigEndian([byte[]] $bytes[$at..($at + 3)]) }
        "$(& $number 16)x$(& $number 20)"
    }
}

Describe 'A browser of a session' -Skip:([bool] $missing) {
    BeforeAll {
        Initialize-AgbHome
        $session = New-AgbSession -ImageId agb-browser-use-1
        Start-Site $session
        $browser = $session | Start-AgbBrowser -Viewport 1280x720 -Language de-DE -TimeZone Europe/Berlin -UserAgent 'Tester/1'
        $site = 'http://127.0.0.1:8000'
    }

    AfterAll {
        Clear-AgbHome
    }

    It 'has its address, its version and its options' {
        $browser.Endpoint | Should -Match '^ws://'
        ($session | Get-AgbBrowser).Endpoint | Should -Be $browser.Endpoint
        $browser.Version | Should -Match '^Chrome/'
        $page = $browser | Open-AgbBrowserPage "$site/"
        $said = $page | Invoke-AgbBrowserScript '({ w: innerWidth, h: innerHeight, l: navigator.language, z: Intl.DateTimeFormat().resolvedOptions().timeZone, u: navigator.userAgent })'
        $said.w, $said.h, $said.l, $said.z, $said.u | Should -Be 1280, 720, de-DE, Europe/Berlin, Tester/1
    }

    It 'fills in a form, and keeps the cookie' {
        $page = $browser | Open-AgbBrowserPage "$site/"
        $page | Invoke-AgbBrowserScript '(user) => { document.forms[0].user.value = user; document.forms[0].querySelector("button").click() }' -ArgumentList ada
        Wait-Until { ($page | Get-AgbBrowserPage).Title -eq 'Welcome' } 'the form was sent'
        ($page | Get-AgbBrowserPage).Url | Should -Be "$site/login?user=ada"
        $page | Open-AgbBrowserPage "$site/who" | Invoke-AgbBrowserScript 'document.body.textContent' | Should -Be 'in as user=ada'
    }

    It 'takes pictures of what is seen and of all of it' {
        $page = $browser | Open-AgbBrowserPage "$site/tall"
        $seen = $page | Save-AgbScreenshot $TestDrive/seen.png
        Get-Size $seen.FullName | Should -Be 1280x720
        $null = $page | Save-AgbScreenshot $TestDrive/tall.png -FullPage
        Get-Size $TestDrive/tall.png | Should -Be 1280x20000
        # A browser session has no desktop, so it stands for its page.
        ($session | Save-AgbScreenshot $TestDrive/session.jpg).Length | Should -BeGreaterThan 1000
        [IO.File]::ReadAllBytes("$TestDrive/session.jpg")[0..1] | Should -Be 0xFF, 0xD8
    }

    It 'says why a page does not load, and what a script threw' {
        Get-ErrorIdOf { $browser | Open-AgbBrowserPage http://127.0.0.1:8001/ } | Should -Be PageLoadFailed
        (Get-ErrorOf { $browser | Open-AgbBrowserPage http://127.0.0.1:8001/ }).Exception.Message | Should -Match ERR_CONNECTION_REFUSED
        $failed = Get-ErrorOf { $browser | Invoke-AgbBrowserScript 'throw new RangeError("too far")' }
        $failed.FullyQualifiedErrorId | Should -Match ^ScriptFailed
        $failed.Exception.Message | Should -Match 'RangeError: too far'
        Get-ErrorIdOf { $browser | Invoke-AgbBrowserScript 'document.body' } | Should -Be ScriptFailed
    }

    It 'opens, lists and closes pages, several at once' {
        $before = @($session | Get-AgbBrowserPage).Count
        $opened = 1..3 | ForEach-Object { $browser | Open-AgbBrowserPage "$site/who?$_" }
        (Get-AgbBrowserPage $session -Url "$site/who?*").Count | Should -Be 3
        (Get-AgbBrowserPage $session)[0].PageId | Should -Be $opened[-1].PageId
        $opened | Close-AgbBrowserPage
        Wait-Until { @($session | Get-AgbBrowserPage).Count -eq $before } 'the pages are closed'
        Get-ErrorIdOf { $opened[0] | Invoke-AgbBrowserScript 1 } | Should -Be PageNotFound
    }

    It 'is stopped, said so, and started again' {
        $session | Stop-AgbBrowser
        Get-ErrorIdOf { $session | Get-AgbBrowser } | Should -Be BrowserNotRunning
        Get-ErrorIdOf { $session | Get-AgbBrowserPage } | Should -Be BrowserNotRunning
        $session | Stop-AgbBrowser
        Get-ErrorIdOf { $session | Start-AgbBrowser -TimeZone Mars/Olympus } | Should -Be InvalidBrowserOption
        $again = $session | Start-AgbBrowser
        $again.Endpoint | Should -Be $browser.Endpoint -Because 'the address is that of the session'
        $again | Open-AgbBrowserPage "$site/who" | Invoke-AgbBrowserScript 'document.body.textContent' | Should -Be 'in as user=ada'
    }

    It 'is said to have ended when it was killed' {
        $null = $session | Invoke-AgbCommand 'pkill -KILL -f user-data-dir=/tmp/agb_browser_data'
        Wait-Until { (Get-ErrorIdOf { $session | Get-AgbBrowser }) -eq 'BrowserNotRunning' } 'the end is seen'
        ($session | Start-AgbBrowser).Version | Should -Match '^Chrome/'
    }

    It 'is not there in a session of a code image' {
        $code = New-AgbSession
        Get-ErrorIdOf { $code | Start-AgbBrowser } | Should -Be NotSupported
    }
}

Describe 'What a browser stores' -Skip:([bool] $missing) {
    BeforeEach {
        Initialize-AgbHome
    }

    AfterEach {
        Clear-AgbHome
    }

    It 'is a log-in in the next session, with a context at the profile' {
        $policy = New-AgbSyncPolicy -WhiteList '/Local State', /Default/Cookies, /Default/Cookies-journal
        $logins = New-AgbContext logins
        $new = { $s = $logins | New-AgbSession -ImageId agb-browser-use-1 -Path /tmp/agb_browser_data -SyncPolicy $policy; Start-Site $s; $s }
        $who = { param($s) $s | Start-AgbBrowser | Open-AgbBrowserPage http://127.0.0.1:8000/who | Invoke-AgbBrowserScript 'document.body.textContent' }

        $first = & $new
        & $who $first | Should -Be nobody
        $null = $first | Get-AgbBrowser | Open-AgbBrowserPage 'http://127.0.0.1:8000/login?user=ada'
        $first | Remove-AgbSession

        $second = & $new
        & $who $second | Should -Be 'in as user=ada'
        $second | Remove-AgbSession
        (Get-AgbContextFile $logins /tmp/agb_browser_data -Recurse).Path | Should -Contain /tmp/agb_browser_data/Default/Cookies
    }

    It 'is a download under /tmp/mapping, and under /home/data in a code session' {
        $files = New-AgbContext downloads
        $browsing = $files | New-AgbSession -ImageId agb-browser-use-1 -Path /tmp/mapping
        Start-Site $browsing
        $page = $browsing | Start-AgbBrowser -DownloadDirectory /tmp/mapping | Open-AgbBrowserPage http://127.0.0.1:8000/
        $page | Invoke-AgbBrowserScript 'document.getElementById("file").click()'
        Wait-Until { ($browsing | Invoke-AgbCommand 'test -s /tmp/mapping/report.bin').Success } 'the file is downloaded'
        ($browsing | Sync-AgbContext).Status | Should -Be Success
        $browsing | Remove-AgbSession

        $code = $files | New-AgbSession -Path /home/data -MappingPath /tmp/mapping
        ($code | Invoke-AgbCommand 'wc -c < /home/data/report.bin').Output.Trim() | Should -Be 5000
    }
}
