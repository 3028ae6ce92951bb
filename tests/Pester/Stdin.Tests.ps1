# What Invoke-AgbCommand is given: stdin by pipeline and file, arguments, scripts; and what it says of failures.
BeforeDiscovery {
    . $PSScriptRoot/HostReady.ps1
}

BeforeAll {
    . $PSScriptRoot/Support.ps1
}

Describe 'What a command is given' -Skip:(-not $hostReady) {
    BeforeAll {
        Initialize-AgbHome
        $session = New-AgbSession
        Push-Location $TestDrive
    }

    AfterAll {
        Pop-Location
        Get-Job | Remove-Job -Force
        Clear-AgbHome
    }

    It 'reads the pipeline as stdin where -Session names the session: <name>' -ForEach @(
        @{ name = 'one line'; expected = "6`n"; act = { 'data1' | Invoke-AgbCommand 'wc -c' -Session $session } }
        @{ name = 'a positional session'; expected = "6`n"; act = { 'data1' | Invoke-AgbCommand 'wc -c' $session } }
        @{ name = 'many lines'; expected = "30000`n"; act = { 1..30000 | Invoke-AgbCommand 'wc -l' -Session $session } }
        @{ name = 'bytes'; expected = "00ff0a`n"; act = { [byte[]](0, 255, 10) | Invoke-AgbCommand "od -An -tx1 | tr -d ' '" -Session $session } }
        @{ name = 'an array of bytes as one object'; expected = "00ff0a`n"; act = { , [byte[]](0, 255, 10) | Invoke-AgbCommand "od -An -tx1 | tr -d ' '" -Session $session } }
        @{ name = 'numbers and letters'; expected = "1.5`nä`nTrue`n"; act = { 1.5, 'ä', $true | Invoke-AgbCommand cat -Session $session } }
        @{ name = 'nothing at all'; expected = "0`n"; act = { @() | Invoke-AgbCommand 'wc -c' -Session $session } }
        @{ name = '-InputObject'; expected = "a`nb`n"; act = { Invoke-AgbCommand cat $session -InputObject 'a', 'b' } }
        @{ name = '-InputObject beside piped sessions'; expected = "a`n"; act = { $session | Invoke-AgbCommand cat -InputObject 'a' } }
        @{ name = '-InputPath'; expected = "x`n"; act = { Set-Content ./in.txt x; Invoke-AgbCommand cat $session -InputPath ./in.txt } }
    ) {
        $result = & $act
        $result | Should -HaveCount 1
        $result.Stdout.TrimStart() | Should -BeExactly $expected
    }

    It 'shows other objects as PowerShell does' {
        $result = [pscustomobject]@{ Name = 'needle'; Size = 3 } | Invoke-AgbCommand 'grep -c needle' -Session $session
        $result.Stdout | Should -Be "1`n"
    }

    It 'takes what is piped for sessions where -Session is not given' {
        ($session | Invoke-AgbCommand 'cat; echo end').Stdout | Should -Be "end`n"
        ("$session" | Invoke-AgbCommand 'echo by id').Stdout | Should -Be "by id`n"
        ($session | Invoke-AgbCommand 'true' | Invoke-AgbCommand 'echo by result').Stdout | Should -Be "by result`n"
        Get-ErrorIdOf { $session | Invoke-AgbCommand cat -Session $session } | Should -Be InvalidInput
    }

    It 'runs beside the pipeline that feeds it, and holds it back' {
        $seen = [Collections.Generic.List[int]]::new()
        $lines = 1..3 | ForEach-Object { $seen.Add($_); "$_" } | Invoke-AgbCommand cat -Session $session -Stream
        ($lines | Select-Object -SkipLast 1).Text | Should -Be '1', '2', '3'
        # A command that reads late has not had all of 200 MB put into memory.
        $before = [GC]::GetTotalMemory($true)
        $block = 'x' * 100000
        $result = 1..2000 | ForEach-Object { $block } | Invoke-AgbCommand 'sleep 1; wc -c' -Session $session
        $result.Stdout.Trim() | Should -Be 200002000
        [GC]::GetTotalMemory($true) - $before | Should -BeLessThan 50MB
    }

    It 'ends with a command that does not read' {
        $result = 1..200000 | Invoke-AgbCommand 'head -n 1' -Session $session
        $result.Stdout | Should -Be "1`n"
        $result.ExitCode | Should -Be 0
    }

    It 'gives each of several sessions all of it, also in a job' {
        $other = New-AgbSession
        $results = 1..1000 | Invoke-AgbCommand 'wc -l' -Session $session, $other
        $results.Stdout | Should -Be "1000`n", "1000`n"
        $job = 1..1000 | Invoke-AgbCommand 'wc -l' -Session $session, $other -AsJob -JobName counting
        $job.Name | Should -Be counting
        ($job | Receive-Job -Wait -AutoRemoveJob).Stdout | Should -Be "1000`n", "1000`n"
        Get-ChildItem ([IO.Path]::GetTempPath()) -Filter agb-input-* | Where-Object CreationTime -GT $job.PSBeginTime | Should -BeNullOrEmpty
        Get-ErrorIdOf { $session | Invoke-AgbCommand true -JobName x } | Should -Be InvalidCommand
    }

    It 'reports a session that is not there, and takes no more' {
        Get-ErrorIdOf { 1..100000 | Invoke-AgbCommand cat -Session session-none } | Should -Be SessionNotFound
    }

    It 'stops with the pipeline' {
        $run = Start-Pipeline '& { while ($true) { "x" * 1000 } } | Invoke-AgbCommand "sleep 600" -Session $session' @{ session = $session }
        Wait-Until { ($session | Invoke-AgbCommand 'pgrep -f "[s]leep 600"').Success } 'the command runs'
        Stop-Pipeline $run
        ($session | Invoke-AgbCommand 'pgrep -f "[s]leep 600"').Success | Should -BeFalse
    }

    It 'refuses what can not be read' {
        Get-ErrorIdOf { $session | Invoke-AgbCommand cat -InputPath ./none } | Should -Be FileNotFound
        Get-ErrorIdOf { $session | Invoke-AgbCommand cat -InputPath . } | Should -Be WrongFileType
        Get-ErrorIdOf { 'a' | Invoke-AgbCommand cat -Session $session -InputPath ./in.txt } | Should -Be InvalidInput
    }

    It 'has its arguments as they are' {
        ($session | Invoke-AgbCommand 'printf "<%s>" "$@"' -ArgumentList 'a b', '$HOME', "it's", $null, 1.5, '').Stdout | Should -BeExactly "<a b><`$HOME><it's><><1.5><>"
    }

    It 'runs a script by its interpreter, mended with a warning' {
        [IO.File]::WriteAllText("$TestDrive/win [1].sh", "#!/bin/sh`r`necho `"`$1`"`r`ncat`r`n")
        $result = 'in' | Invoke-AgbCommand -LiteralPath './win [1].sh' -ArgumentList 'first' -Session $session -WarningVariable warnings -WarningAction SilentlyContinue
        $result.Lines | Should -Be 'first', 'in'
        $result.Command | Should -Be './win [1].sh'
        "$warnings" | Should -Match 'saved for Windows'
        Set-Content ./one.py '#!/usr/bin/env python3', 'print(6 * 7)'
        ($session | Invoke-AgbCommand -FilePath ./on*.py).Lines | Should -Be 42
        Get-ErrorIdOf { $session | Invoke-AgbCommand -FilePath ./none.sh } | Should -Be FileNotFound
        Set-Content ./two.py '#!/usr/bin/env python3'
        Get-ErrorIdOf { $session | Invoke-AgbCommand -FilePath ./*.py } | Should -Be InvalidPath
    }

    It 'says the last lines of stderr in an error' {
        $record = Get-ErrorOf { $session | Invoke-AgbCommand 'seq 1 100 >&2; echo the cause >&2; exit 3' -ErrorOnNonZeroExit }
        "$record" | Should -Match '(?s)exit code 3:.*\n99\n100\nthe cause$'
        "$record" | Should -Not -Match '\n50\n'
    }

    It 'names the disk limit where the bound of a single file ended a program of the shell' {
        $small = New-AgbSession -DiskLimit 2MB
        $result = $small | Invoke-AgbCommand 'head -c 50000000 /dev/zero > /tmp/f; exit $?'
        $result.ExitCode | Should -BeIn 137, 153
        $result.LimitReached | Should -Be Disk
        ($small | Invoke-AgbCommand 'exit 153').LimitReached | Should -Be Disk
        ($session | Invoke-AgbCommand 'exit 153').LimitReached | Should -BeNullOrEmpty
    }

    It 'shows what went wrong in code: <language>' -ForEach @(
        @{ language = 'Python'; code = "def f():`n    raise ValueError('the cause')`nf()"; seen = 'ValueError: the cause' }
        @{ language = 'Python'; code = 'x y'; seen = 'SyntaxError' }
        @{ language = 'Javascript'; code = 'missing.thing'; seen = 'ReferenceError: missing is not defined' }
    ) {
        if ($language -eq 'Javascript' -and -not ($session | Invoke-AgbCommand 'command -v node').Success) {
            Set-ItResult -Skipped -Because 'the session has no node'
        }
        [Agb.PowerShell.Units]::Glance(($session | Invoke-AgbCode $code -Language $language)) | Should -Match "^$seen"
    }
}
