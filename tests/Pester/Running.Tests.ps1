# Streams, jobs and Use-AgbSession on real sandboxes, and that a stop of each leaves no process there.
BeforeDiscovery {
    . $PSScriptRoot/HostReady.ps1
}

BeforeAll {
    . $PSScriptRoot/Support.ps1

    # A number that no other command line of this machine holds.
    function New-Mark {
        "100$(Get-Random -Minimum 100000 -Maximum 999999)"
    }
}

Describe 'Running commands' -Skip:(-not $hostReady) {
    BeforeAll {
        Initialize-AgbHome
        $session = New-AgbSession
    }

    AfterAll {
        Get-Job | Remove-Job -Force
        Clear-AgbHome
    }

    It 'emits lines while the command runs' {
        $got = $session | Invoke-AgbCommand 'echo first; echo oops >&2; until [ -e /tmp/seen ]; do sleep 0.02; done; printf last' -Stream -TimeoutSeconds 20 | ForEach-Object {
            if ("$_" -eq 'first') {
                $null = $session | Invoke-AgbCommand 'touch /tmp/seen'
            }
            $_
        }
        $got[-1].TimedOut | Should -BeFalse
        $got | Select-Object -SkipLast 1 | Sort-Object Stream, Number | ForEach-Object { "$($_.Stream) $($_.Number) $($_.Text)" } |
            Should -Be 'Stdout 1 first', 'Stdout 2 last', 'Stderr 1 oops'
        $got[-1].Stdout | Should -Be "first`nlast"
    }

    It 'loses no line of a command that is faster than the pipeline' {
        $number = 0
        $session | Invoke-AgbCommand 'seq 1 30000' -Stream | ForEach-Object {
            $number++
            if ($number -le 30000 -and $_.Text -ne "$number") {
                throw "line $number is '$($_.Text)'"
            }
        }
        $number | Should -Be 30001
    }

    It 'kills a streaming command when the pipeline is stopped' {
        $mark = New-Mark
        $run = Start-Pipeline "`$session | Invoke-AgbCommand 'echo begun; sleep $mark & sleep $mark' -Stream" @{ session = $session }
        Wait-Until { @(Find-HostProcess "sleep $mark").Count -ge 2 } 'the command runs'
        Stop-Pipeline $run
        Find-HostProcess "sleep $mark" | Should -BeNullOrEmpty
    }

    It 'kills the command of a job that is stopped, and of one that is removed' {
        foreach ($end in { Stop-Job $job }, { Remove-Job $job -Force }) {
            $mark = New-Mark
            $job = $session | Invoke-AgbCommand "sleep $mark & sleep $mark" -AsJob
            Wait-Until { @(Find-HostProcess "sleep $mark").Count -ge 2 } 'the command runs'
            & $end
            Find-HostProcess "sleep $mark" | Should -BeNullOrEmpty
            $job.State | Should -Be Stopped
        }
    }

    It 'runs a job in many sessions' {
        $other = New-AgbSession
        $job = $session, $other | Invoke-AgbCommand 'hostname; exit 4' -AsJob
        $results = $job | Receive-Job -Wait
        $results.SessionId | Sort-Object | Should -Be (@("$session", "$other") | Sort-Object)
        $results.ExitCode | Should -Be 4, 4
        $results[0].Stdout | Should -Not -Be $results[1].Stdout
        $job.State | Should -Be Completed
    }

    It 'kills the commands of jobs when PowerShell exits' {
        $mark = New-Mark
        $said = & $Pwsh @PwshLeading -NoProfile -Command "
            Import-Module '$Root/Agb.psd1'
            `$null = Invoke-AgbCommand 'touch /tmp/$mark; sleep $mark' '$session' -AsJob
            while (-not (Invoke-AgbCommand 'test -e /tmp/$mark' '$session').Success) { }
            'the command runs'"
        $said | Should -Be 'the command runs'
        Find-HostProcess "sleep $mark" | Should -BeNullOrEmpty
    }
}

Describe 'Use-AgbSession' -Skip:(-not $hostReady) {
    BeforeEach {
        Initialize-AgbHome
    }

    AfterEach {
        Clear-AgbHome
    }

    It 'gives the session to the script as $_ and as argument, passes its output on, and removes the session' {
        $got = Use-AgbSession -ImageId agb-browser-use-1 -Label @{ purpose = 'use' } {
            param($Given)
            $Given
            $_
            Get-AgbSession -Label @{ purpose = 'use' }
            ($_ | Invoke-AgbCommand 'echo $AGB_IMAGE_ID').Stdout
        }
        $got | Should -HaveCount 4
        $got[0..2].SessionId | Sort-Object -Unique | Should -HaveCount 1
        $got[3] | Should -Be "agb-browser-use-1`n"
        Get-AgbSession | Should -BeNullOrEmpty
    }

    It 'passes output on as it comes' {
        Use-AgbSession { 'first'; Get-AgbSession } | ForEach-Object {
            if ($_ -eq 'first') {
                # The script has not ended: its session is there.
                Get-AgbSession | Should -HaveCount 1
            }
        }
    }

    It 'uploads what the script changed, whatever the policy says, and nothing with -NoSync' {
        $context = New-AgbContext used
        $policy = New-AgbSyncPolicy -AutoUpload $false
        $context | Use-AgbSession -Path /home/data -SyncPolicy $policy { $null = $_ | Invoke-AgbCommand 'echo kept > /home/data/file' }
        $context | Use-AgbSession -NoSync { $null = $_ | Invoke-AgbCommand 'echo lost > /home/data/file' }
        $context | Use-AgbSession { ($_ | Invoke-AgbCommand 'cat /home/data/file').Stdout } | Should -Be "kept`n"
    }

    It 'works on a session for each context of the pipeline' {
        $ids = 'one', 'two' | New-AgbContext | Use-AgbSession -Path /home/data { "$_" }
        $ids | Sort-Object -Unique | Should -HaveCount 2
        Get-AgbSession | Should -BeNullOrEmpty
    }

    It 'removes the session when the script fails, and what it wrote is uploaded' {
        $context = New-AgbContext failing
        $caught = Get-ErrorOf {
            $context | Use-AgbSession -Path /home/data {
                $null = $_ | Invoke-AgbCommand 'echo 1 > /home/data/file'
                throw 'the script is broken'
            }
        }
        "$caught" | Should -Be 'the script is broken'
        Get-AgbSession | Should -BeNullOrEmpty
        $context | Use-AgbSession { ($_ | Invoke-AgbCommand 'cat /home/data/file').Stdout } | Should -Be "1`n"
    }

    It 'goes on with the next command after an error that does not end the script' {
        $got = Use-AgbSession { Write-Error 'not that bad' -ErrorAction Continue; 'later' } 2>&1
        "$($got[0])" | Should -Be 'not that bad'
        $got[1] | Should -Be 'later'
    }

    It 'removes the session when a later command needs no more, and when the script leaves a loop' {
        Use-AgbSession { 1..100000 } | Select-Object -First 2 | Should -Be 1, 2
        foreach ($i in 1..3) {
            Use-AgbSession { break }
        }
        $i | Should -Be 1
        Get-AgbSession | Should -BeNullOrEmpty
    }

    It 'kills what runs and removes the session when the pipeline is stopped' {
        $mark = New-Mark
        $run = Start-Pipeline "Use-AgbSession { `$_ | Invoke-AgbCommand 'sleep $mark & sleep $mark' }"
        Wait-Until { @(Find-HostProcess "sleep $mark").Count -ge 2 } 'the command runs'
        Stop-Pipeline $run
        # The cmdlet waited for this: nothing has to be waited for here.
        Get-AgbSession | Should -BeNullOrEmpty
        Find-HostProcess "sleep $mark" | Should -BeNullOrEmpty
    }

    It 'does nothing with -WhatIf' {
        Use-AgbSession { 'ran' } -WhatIf | Should -BeNullOrEmpty
        Get-AgbSession | Should -BeNullOrEmpty
    }

    It 'checks its arguments before it starts' {
        Get-ErrorIdOf { Use-AgbSession { 'ran' } -Path relative } | Should -Be InvalidPath
        Get-ErrorIdOf { Use-AgbSession { 'ran' } -ImageId none } | Should -Be ImageNotFound
    }
}
