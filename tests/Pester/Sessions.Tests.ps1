# Pipelines over several contexts and sessions, and sessions that outlive the process that made them, on real sandboxes.
BeforeDiscovery {
    . $PSScriptRoot/HostReady.ps1
}

BeforeAll {
    . $PSScriptRoot/Support.ps1
}

Describe 'Sessions' -Skip:(-not $hostReady) {
    BeforeEach {
        Initialize-AgbHome
    }

    AfterEach {
        Clear-AgbHome
    }

    It 'go through one pipeline, many at once' {
        $names = 1..6 | ForEach-Object { "many-$_" }
        $statuses = $names | New-AgbContext | New-AgbSession -Path /home/data |
            Invoke-AgbCommand 'hostname > /home/data/host; echo $AGB_IMAGE_ID > /home/data/image' |
            Sync-AgbContext
        $statuses | Should -HaveCount 6
        $statuses.Status | Sort-Object -Unique | Should -Be Success
        Get-AgbSession | Remove-AgbSession
        $results = Get-AgbContext many-* | New-AgbSession -ImageId agb-browser-use-1 | Invoke-AgbCommand 'cat /home/data/*'
        $results | Should -HaveCount 6
        $results.Stdout | Sort-Object -Unique | Should -HaveCount 6
        $results.Stdout | ForEach-Object { $_ | Should -Match 'agb-code-space-1' }
    }

    It 'fail alone' {
        $sessions = 1..4 | ForEach-Object { New-AgbSession }
        $sessions[1] | Remove-AgbSession
        $results = $sessions | Invoke-AgbCommand 'echo fine' -ErrorVariable errors -ErrorAction SilentlyContinue
        $results.Stdout | Should -Be "fine`n", "fine`n", "fine`n"
        $errors | Should -HaveCount 1
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'SessionNotFound,*'
    }

    It 'are made from many runspaces at once' {
        $outputs = 1..4 | ForEach-Object -Parallel {
            Import-Module "$using:Root/Agb.psd1"
            $session = New-AgbContext "parallel-$_" | New-AgbSession -Path /home/data
            ($session | Invoke-AgbCommand "echo $_ > /home/data/file; cat /home/data/file").Stdout.Trim()
            $session | Remove-AgbSession
        } -ThrottleLimit 4
        $outputs | Sort-Object | Should -Be '1', '2', '3', '4'
        Get-AgbContext parallel-* | Should -HaveCount 4
    }

    It 'outlive the process that made them' {
        $id = & $Pwsh @PwshLeading -NoProfile -Command "
            Import-Module '$Root/Agb.psd1'
            `$session = New-AgbContext outlive | New-AgbSession -Path /home/data -Label @{ from = 'another process' }
            `$null = `$session | Invoke-AgbCommand 'echo made elsewhere > /tmp/file; nohup sleep 1000 > /dev/null 2>&1 &'
            `$session.SessionId"
        $session = Get-AgbSession -Label @{ from = 'another process' }
        $session.SessionId | Should -Be $id
        $session.Status | Should -Be Running
        (Invoke-AgbCommand 'cat /tmp/file' $id).Stdout | Should -Be "made elsewhere`n"
    }

    It 'differ by image' {
        $browser = New-AgbSession -ImageId agb-browser-use-1
        $code = New-AgbSession -ImageId agb-code-space-1
        $seen = $browser, $code | Invoke-AgbCommand 'echo $AGB_IMAGE_ID $HOME' -ThrottleLimit 1 | ForEach-Object Stdout
        $seen[0] | Should -Match '^agb-browser-use-1 /'
        $seen[1] | Should -Match '^agb-code-space-1 /'
        $seen[0].Split(' ')[1] | Should -Not -Be $seen[1].Split(' ')[1]
    }

    It 'keep stdout and stderr apart, and the exit code' {
        $result = New-AgbSession | Invoke-AgbCommand 'echo out; echo err >&2; exit 7'
        $result.Stdout | Should -Be "out`n"
        $result.Stderr | Should -Be "err`n"
        $result.Output | Should -Be "out`nerr`n"
        $result.ExitCode | Should -Be 7
        $result.Success | Should -BeFalse
        $result.Duration | Should -BeGreaterThan ([timespan]::Zero)
    }

    It 'run a command where and with what it is told' {
        $result = New-AgbSession | Invoke-AgbCommand 'pwd; echo $GREETING $NUMBER' -WorkingDirectory /tmp -Environment @{ GREETING = 'it''s'; NUMBER = 7 }
        $result.Stdout | Should -Be "/tmp`nit's 7`n"
    }

    It 'kill a command, with all that it started, when its time is over' {
        $mark = "100$(Get-Random -Minimum 100000 -Maximum 999999)"
        $result = New-AgbSession | Invoke-AgbCommand "sleep $mark & echo begun; sleep $mark" -TimeoutSeconds 1
        $result.TimedOut | Should -BeTrue
        $result.Success | Should -BeFalse
        $result.Stdout | Should -Be "begun`n"
        Find-HostProcess "sleep $mark" | Should -BeNullOrEmpty
    }

    It 'kill a command, with all that it started, when the pipeline is stopped' {
        $session = New-AgbSession
        $mark = "100$(Get-Random -Minimum 100000 -Maximum 999999)"
        $run = Start-Pipeline "`$session | Invoke-AgbCommand 'sleep $mark & sleep $mark'" @{ session = $session }
        Wait-Until { @(Find-HostProcess "sleep $mark").Count -ge 2 } 'the command runs'
        Stop-Pipeline $run
        # The cmdlet waited for the end of the command: nothing has to be waited for here.
        Find-HostProcess "sleep $mark" | Should -BeNullOrEmpty
        ($session | Invoke-AgbCommand 'echo still usable').Stdout | Should -Be "still usable`n"
    }

    It 'leave no process behind when they are released' {
        $session = New-AgbSession
        $mark = "100$(Get-Random -Minimum 100000 -Maximum 999999)"
        $null = $session | Invoke-AgbCommand "nohup sleep $mark > /dev/null 2>&1 &"
        Wait-Until { Find-HostProcess "sleep $mark" } 'the background process runs'
        $session | Remove-AgbSession
        Find-HostProcess "sleep $mark" | Should -BeNullOrEmpty
    }

    It 'can be made without waiting' {
        $session = New-AgbContext later | New-AgbSession -Path /home/data -NoWait
        $session.Status | Should -BeIn Creating, Running
        ($session | Wait-AgbSession).Status | Should -Be Running
        ($session | Invoke-AgbCommand 'test -d /home/data').Success | Should -BeTrue
    }

    It 'sleep until their next use' {
        $session = New-AgbContext asleep | New-AgbSession -Path /home/data
        $null = $session | Invoke-AgbCommand 'echo 1 > /home/data/file'
        $session | Suspend-AgbSession | Should -BeNullOrEmpty
        ($session | Get-AgbSession).Status | Should -Be Suspended
        Get-AgbSession -Status Suspended | Should -HaveCount 1
        "$(Get-AgbSession -Status Suspended | Format-Table | Out-String)" | Should -Match Suspended
        ($session | Wait-AgbSession).Status | Should -Be Suspended
        ($session | Invoke-AgbCommand 'cat /home/data/file').Stdout | Should -Be "1`n"
        ($session | Get-AgbSession).Status | Should -Be Running
        ($session | Suspend-AgbSession -PassThru | Resume-AgbSession -PassThru).Status | Should -Be Running
        $session | Suspend-AgbSession
        $session | Remove-AgbSession
        (Get-AgbContext asleep | New-AgbSession | Invoke-AgbCommand 'cat /home/data/file').Stdout | Should -Be "1`n"
    }

    It 'are not suspended while a command runs' {
        $session = New-AgbSession
        $run = Start-Pipeline '$session | Invoke-AgbCommand "touch /tmp/begun; sleep 100"' @{ session = $session }
        Wait-Until { ($session | Invoke-AgbCommand 'test -e /tmp/begun').Success } 'the command runs'
        $record = Get-ErrorOf { $session | Suspend-AgbSession }
        ($record.FullyQualifiedErrorId -split ',')[0] | Should -Be SessionBusy
        Stop-Pipeline $run
    }

    It 'are suspended when they are idle' {
        $session = New-AgbSession -IdleTimeoutSeconds 1 -IdleAction Suspend
        $session.IdleAction | Should -Be Suspend
        Wait-Until { ($session | Get-AgbSession).Status -eq 'Suspended' } 'the session sleeps'
        ($session | Invoke-AgbCommand 'echo awake').Stdout | Should -Be "awake`n"
    }

    It 'are released by two processes at once without harm' {
        $session = New-AgbContext twice | New-AgbSession -Path /home/data
        $null = $session | Invoke-AgbCommand 'echo 1 > /home/data/file'
        $script = "Import-Module '$Root/Agb.psd1'; Remove-AgbSession '$session' -ErrorVariable e -ErrorAction SilentlyContinue; foreach (`$r in `$e) { `$r.FullyQualifiedErrorId }"
        $jobs = 1..2 | ForEach-Object { Start-ThreadJob { & $using:Pwsh @using:PwshLeading -NoProfile -Command $using:script } }
        $ids = $jobs | Receive-Job -Wait -AutoRemoveJob
        $ids | ForEach-Object { $_ | Should -BeLike 'Session*' }
        @($ids).Count | Should -BeLessOrEqual 1
        Get-AgbSession | Should -BeNullOrEmpty
        (Get-AgbContext twice | New-AgbSession | Invoke-AgbCommand 'cat /home/data/file').Stdout | Should -Be "1`n"
    }

    It 'load the database of the catalog apart from other modules' -Tag Embedded {
        $null = Get-AgbContext
        $thirdParty = [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -match 'Sqlite|SQLitePCL' }
        $thirdParty | Should -Not -BeNullOrEmpty
        foreach ($assembly in $thirdParty) {
            [System.Runtime.Loader.AssemblyLoadContext]::GetLoadContext($assembly).Name | Should -Be 'Agb dependencies'
        }
    }

    It 'belong to the home of their connection' {
        $other = Connect-Agb -HomeDirectory "$TestDrive/other-home"
        $other.HomeDirectory | Should -Be "$TestDrive/other-home"
        $context = New-AgbContext elsewhere -Connection $other
        Get-AgbContext | Should -BeNullOrEmpty
        ($context | New-AgbSession -Path /home/data | Invoke-AgbCommand 'echo $AGB_IMAGE_ID').Success | Should -BeTrue
        Get-AgbSession | Should -BeNullOrEmpty
        Get-AgbSession -Connection $other | Remove-AgbSession
    }
}

Describe 'Test-AgbHost -Quiet' {
    It 'says in one value whether sessions can run' {
        $ready = -not (Test-AgbHost "$TestDrive/home" | Where-Object Status -EQ Missing)
        $answer = @(Test-AgbHost "$TestDrive/home" -Quiet)
        $answer.Count | Should -Be 1
        $answer[0] | Should -BeOfType [bool]
        $answer[0] | Should -Be $ready
    }

    It 'refuses a directory of another user' -Skip:((id -u) -ne 0) {
        $foreign = New-Item -ItemType Directory "$TestDrive/foreign"
        chown 54321 $foreign
        { Test-AgbHost $foreign -Quiet -ErrorAction Stop } | Should -Throw -ErrorId 'AccessDenied,*'
        Get-ChildItem -Force $foreign | Should -BeNullOrEmpty
    }
}

Describe 'Test-AgbHost' {
    It 'says of each thing whether it is there' {
        $checks = Test-AgbHost
        $checks | Should -Not -BeNullOrEmpty
        $checks | ForEach-Object { $_.Detail | Should -Not -BeNullOrEmpty }
        $checks | Where-Object Status -EQ Missing | ForEach-Object { $_.Remedy | Should -Not -BeNullOrEmpty }
    }
}

Describe 'Forks' -Skip:(-not $hostReady) {
    BeforeEach {
        Initialize-AgbHome
    }

    AfterEach {
        Clear-AgbHome
    }

    It 'race, the winner syncs and the others vanish' {
        $session = New-AgbContext race | New-AgbSession -Path /home/race -Label @{ purpose = 'race' }
        $null = $session | Invoke-AgbCommand 'echo "n=0" > /home/race/state; echo prepared > /tmp/prepared'
        $forks = $session | Copy-AgbSession -Count 4
        $forks | Should -HaveCount 4
        $forks.ForkedFrom | Sort-Object -Unique | Should -Be $session.SessionId
        $forks.Labels.purpose | Sort-Object -Unique | Should -Be race
        $winner = $forks | Invoke-AgbCommand 'test "$(cat /tmp/prepared)" = prepared && hostname >> /home/race/state' -ThrottleLimit 8 |
            Where-Object Success | Select-Object -First 1
        ($winner | Sync-AgbContext).Version | Should -Be 1
        $forks | Remove-AgbSession
        ($session | Invoke-AgbCommand 'cat /home/race/state').Stdout | Should -Be "n=0`n"
        $session | Remove-AgbSession -DiscardChanges
        (Get-AgbContextVersion race) | Should -HaveCount 1
    }

    It 'are refused for a count out of range and for a session that is gone' {
        $session = New-AgbSession
        { $session | Copy-AgbSession -Count 65 -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidSessionOption,*'
        $session | Remove-AgbSession
        { $session | Copy-AgbSession -ErrorAction Stop } | Should -Throw -ErrorId 'SessionNotFound,*'
        Get-AgbSession | Should -BeNullOrEmpty
    }
}
