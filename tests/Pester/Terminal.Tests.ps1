# Enter-AgbSession at a real prompt in a real terminal: PowerShell in a tmux of the test's own, which types and reads.
BeforeDiscovery {
    . $PSScriptRoot/HostReady.ps1
    $whyNot = $hostReady ? $null : 'this machine can''t run sessions'
    if (-not (Get-Command tmux -CommandType Application -ErrorAction Ignore)) {
        $whyNot = 'tmux is not installed'
    }
    if ($whyNot) {
        Write-Host "Skipping Enter-AgbSession: $whyNot."
    }
}

Describe 'Enter-AgbSession' -Skip:([bool] $whyNot) {
    BeforeAll {
        . $PSScriptRoot/Support.ps1
        Initialize-AgbHome
        $session = New-AgbSession
        $socket = "$TestDrive/tmux"
        & tmux -S $socket -f /dev/null new-session -d -x 100 -y 30 "$(@($Pwsh) + $PwshLeading) -NoProfile -NoLogo"

        function Send-Key([string[]] $Keys) {
            & tmux -S $socket send-keys @Keys
        }

        function Send-Line([string] $Text) {
            & tmux -S $socket send-keys -l $Text
            Send-Key Enter
        }

        # What is on the screen; with escape sequences on demand.
        function Get-Screen([switch] $Colors) {
            $options = @('-p') + ($Colors ? @('-e') : @())
            (& tmux -S $socket capture-pane @options) -join "`n"
        }

        function Wait-Screen([string] $Pattern) {
            try {
                Wait-Until { (Get-Screen) -match $Pattern } "the screen shows $Pattern" -Seconds 60
            }
            catch {
                throw "$_`n$(Get-Screen)"
            }
        }

        Wait-Screen 'PS .*>'
        Send-Line "Import-Module '$Root/Agb.psd1'; stty -a | md5sum; 'im' + 'ported'"
        Wait-Screen '(?m)^imported'
        $null = (Get-Screen) -match '(?m)^([0-9a-f]{32})'
        $settings = $Matches[1]
        Send-Line "clear; Enter-AgbSession $session"
        Wait-Screen '(?m)agb@.*\$ *$'
    }

    AfterAll {
        & tmux -S $socket kill-server
        Clear-AgbHome
    }

    It 'has a terminal of the session''s own, of this one''s size' {
        Send-Line 'tty; stty size; echo user $(id -u)'
        Wait-Screen '(?m)^/dev/pts/0\s+30 100\s+user 1000'
    }

    It 'follows the size of the window' {
        & tmux -S $socket resize-window -x 91 -y 27
        Wait-Until { (& tmux -S $socket display-message -p '#{window_width}x#{window_height}') -eq '91x27' } 'the window is resized'
        # The size reaches the session soon, not at once.
        Send-Line 'until [ "$(stty size)" = "27 91" ]; do sleep 0.05; done; echo re''''sized'
        Wait-Screen '(?m)^resized'
    }

    It 'passes Ctrl+C to what runs there' {
        Send-Line 'echo wai''''ting; sleep 1000'
        Wait-Screen '(?m)^waiting'
        Wait-Until { (Invoke-AgbCommand 'pgrep -x sleep' $session).Success } 'the program runs'
        Send-Key C-c
        Send-Line 'echo ended with $?'
        Wait-Screen '(?m)^ended with 130'
        (Invoke-AgbCommand 'pgrep -x sleep' $session).Success | Should -BeFalse
    }

    It 'passes keys to the line editor' {
        Send-Key -Keys '-l', 'echo worlx'
        Send-Key BSpace
        Send-Key -Keys '-l', 'd'
        # To the beginning of the line, over the first word, and a word more.
        Send-Key C-a
        Send-Key M-f
        Send-Key -Keys '-l', ' hello'
        Send-Key Enter
        Wait-Screen '(?m)^hello world'
    }

    It 'passes colours' {
        Send-Line 'printf "\033[31m%s\033[0m\n" r''''ed'
        Wait-Screen '(?m)^red$'
        Get-Screen -Colors | Should -Match '\x1b\[31mred'
    }

    It 'returns to PowerShell at exit, with the terminal as it was' {
        Send-Line 'exit'
        Wait-Screen '(?m)^PS .*> *$'
        Send-Line "clear; stty -a | sed 's/rows 27; columns 91/rows 30; columns 100/' | md5sum; 'back ' + (1 + 1)"
        Wait-Screen '(?m)^back 2'
        Get-Screen | Should -Match "(?m)^$settings"
        (Invoke-AgbCommand 'ps -e -o args= | grep -x "/bin/bash -i"' $session).Success | Should -BeFalse
    }

    It 'says why when it can''t' {
        Send-Line 'clear; Enter-AgbSession s-none'
        Wait-Screen "No session has the id 's-none'"
        Send-Line "clear; Enter-AgbSession $session -WorkingDirectory /no/such"
        Wait-Screen "working directory '/no/such' can't be"
        Send-Line "clear; $(@($Pwsh) + $PwshLeading) -NoProfile -c `"Import-Module '$Root/Agb.psd1'; Enter-AgbSession $session`" | cat"
        Wait-Screen 'needs a terminal'
    }
}
