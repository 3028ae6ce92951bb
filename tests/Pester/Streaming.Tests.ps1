# Lines as they come, jobs, progress, and the verbose stream, on a service in memory.
BeforeAll {
    . $PSScriptRoot/Support.ps1
}

Describe 'Invoke-AgbCommand -Stream' {
    BeforeEach {
        $connection = New-MemoryConnection
        $service = $connection.Service
        $session = New-AgbSession -Connection $connection
    }

    It 'emits the lines of each session, then its result' {
        $other = New-AgbSession -Connection $connection
        $all = $session, $other | Invoke-AgbCommand 'lines 300' -Stream
        $all | Should -HaveCount 602
        foreach ($id in "$session", "$other") {
            $own = @($all | Where-Object SessionId -EQ $id)
            $own[0..299].Text | Should -Be (1..300 | ForEach-Object { "line $_" })
            $own[0] | Should -BeOfType Agb.AgbCommandOutput
            $own[300] | Should -BeOfType Agb.AgbCommandResult
        }
    }

    It 'slows the command down when the pipeline is slow' {
        $taken = 0
        $session | Invoke-AgbCommand 'lines 5000' -Stream | ForEach-Object {
            if ($_ -is [Agb.AgbCommandOutput]) {
                $taken++
                # What is on the way, whatever is still to come.
                $service.LinesWritten - $taken | Should -BeLessOrEqual 300
            }
        }
        $taken | Should -Be 5000
    }

    It 'ends the command when a later command needs no more' {
        $session | Invoke-AgbCommand 'lines 1000000' -Stream | Select-Object -First 3 | ForEach-Object Text |
            Should -Be 'line 1', 'line 2', 'line 3'
        $service.Cancelled | Should -Be 1
    }

    It 'reports a session that fails beside the lines of the others' {
        $all = $session, 'session-none' | Invoke-AgbCommand 'lines 2' -Stream -Connection $connection -ErrorVariable errors -ErrorAction SilentlyContinue
        $all | Should -HaveCount 3
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'SessionNotFound,*'
    }
}

Describe 'Invoke-AgbCommand -AsJob' {
    BeforeEach {
        $connection = New-MemoryConnection
        $service = $connection.Service
        $sessions = 1..4 | ForEach-Object { New-AgbSession -Connection $connection }
    }

    AfterEach {
        $null = $service.Gate.Release(10)
        Get-Job | Remove-Job -Force
    }

    It 'returns a job with a child for each session' {
        $job = $sessions | Invoke-AgbCommand 'echo hello' -AsJob
        $job | Should -BeOfType Agb.PowerShell.AgbCommandJob
        $job.ChildJobs.Location | Should -Be $sessions.SessionId
        (Get-Job -Id $job.Id).InstanceId | Should -Be $job.InstanceId
        $null = Wait-Job $job -Timeout 20
        $job.State | Should -Be Completed
        $results = Receive-Job $job
        $results.SessionId | Sort-Object | Should -Be $sessions.SessionId
        $job.HasMoreData | Should -BeFalse
        Remove-Job $job
        Get-Job | Should -BeNullOrEmpty
    }

    It 'has lines too' {
        $got = $sessions[0] | Invoke-AgbCommand 'lines 3' -AsJob -Stream | Receive-Job -Wait -AutoRemoveJob
        $got[0..2].Text | Should -Be 'line 1', 'line 2', 'line 3'
        $got[3] | Should -BeOfType Agb.AgbCommandResult
        Get-Job | Should -BeNullOrEmpty
    }

    It 'runs at most ThrottleLimit commands at once' {
        $job = $sessions | Invoke-AgbCommand gate -AsJob -ThrottleLimit 2
        1..2 | ForEach-Object { $service.Started.Wait(10000) | Should -BeTrue }
        $service.Started.Wait(50) | Should -BeFalse
        $job.State | Should -Be Running
        @($job.ChildJobs.State) -eq 'NotStarted' | Should -HaveCount 2
        $null = $service.Gate.Release(4)
        $null = Wait-Job $job -Timeout 20
        $service.MostCommandsAtOnce | Should -Be 2
    }

    It 'keeps the failure of one session apart' {
        $mixed = @($sessions[0], 'session-none', $sessions[1])
        $job = $mixed | Invoke-AgbCommand 'exit 3' -AsJob -ErrorOnNonZeroExit -Connection $connection | Wait-Job -Timeout 20
        $job.State | Should -Be Failed
        $job.ChildJobs.State | Should -Be Completed, Failed, Completed
        $job.StatusMessage | Should -Match 'session-none'
        $results = Receive-Job $job -ErrorVariable errors -ErrorAction SilentlyContinue
        $results.ExitCode | Should -Be 3, 3
        $ids = $errors.FullyQualifiedErrorId | ForEach-Object { ($_ -split ',')[0] }
        $ids | Sort-Object | Should -Be CommandFailed, CommandFailed, SessionNotFound
    }

    It 'is stopped with all that runs and all that waits' {
        $job = $sessions | Invoke-AgbCommand hang -AsJob -ThrottleLimit 2
        1..2 | ForEach-Object { $service.Started.Wait(10000) | Should -BeTrue }
        Stop-Job $job
        $job.State | Should -Be Stopped
        $job.ChildJobs.State | Should -Be Stopped, Stopped, Stopped, Stopped
        $service.Cancelled | Should -Be 2
    }

    It 'checks its arguments before it starts' {
        Get-ErrorIdOf { $sessions[0] | Invoke-AgbCommand '' -AsJob } | Should -Be InvalidCommand
        Get-Job | Should -BeNullOrEmpty
    }
}

Describe 'Progress of a sync' {
    BeforeEach {
        $connection = New-MemoryConnection
        $service = $connection.Service
        $session = New-AgbContext store -Connection $connection | New-AgbSession -Path /home/data
        $service.SyncGate = [System.Threading.SemaphoreSlim]::new(0)
    }

    It 'is one record by files and bytes, a few times a second, and completed: <name>' -ForEach @(
        @{ name = 'success'; outcome = 'Success'; script = '$session | Sync-AgbContext' }
        @{ name = 'an error'; outcome = 'Failed'; script = '$session | Sync-AgbContext -ErrorAction Stop' }
        @{ name = 'a wait'; outcome = 'Success'; script = '$session | Wait-AgbSync' }
    ) {
        $service.SyncOutcome = $outcome
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $run = Start-Pipeline $script @{ session = $session }
        Wait-Until { $run.Shell.Streams.Progress.Count -ge 3 } 'progress is shown'
        $null = $service.SyncGate.Release()
        try {
            $null = $run.Shell.EndInvoke($run.Run)
        }
        catch {
            $outcome | Should -Be Failed
        }
        $records = @($run.Shell.Streams.Progress)
        $records[0].StatusDescription | Should -Match '4 files, 4\.0 KiB'
        $records.ActivityId | Sort-Object -Unique | Should -HaveCount 1
        $records.Count | Should -BeLessOrEqual (2 + 5 * $clock.Elapsed.TotalSeconds)
        $records[-1].RecordType | Should -Be Completed
        @($records | Where-Object RecordType -EQ Completed) | Should -HaveCount 1
    }

    It 'has a percentage once the syncs know how much they have to move' {
        $run = Start-Pipeline '$session | Wait-AgbSync' @{ session = $session }
        Wait-Until { $run.Shell.Streams.Progress.Count -ge 1 } 'progress is shown'
        $service.SyncTotal = 4
        Wait-Until { $run.Shell.Streams.Progress[-1].PercentComplete -ge 0 } 'a percentage is shown'
        $null = $service.SyncGate.Release()
        $null = $run.Shell.EndInvoke($run.Run)

        $records = @($run.Shell.Streams.Progress | Where-Object RecordType -EQ Processing)
        $records[0].PercentComplete | Should -Be -1
        $records[-1].PercentComplete | Should -Be 25
        $records[-1].StatusDescription | Should -Be '4 of 16 files, 4.0 KiB of 16.0 KiB'
    }
}

Describe 'The verbose stream' {
    BeforeEach {
        $connection = New-MemoryConnection
        $context = New-AgbContext store -Connection $connection
        $session = $context | New-AgbSession -Path /home/data
        $PSDefaultParameterValues = @{ '*-Agb*:Connection' = $connection }
    }

    It 'names the service, the call and its time: <name>' -ForEach @(
        @{ name = 'New-AgbContext'; action = { New-AgbContext other -Verbose } }
        @{ name = 'Get-AgbContext'; action = { Get-AgbContext -Verbose } }
        @{ name = 'Remove-AgbContext'; action = { Remove-AgbContext store -Force -Verbose } }
        @{ name = 'New-AgbContextSync'; action = { New-AgbContextSync store /home/data -Verbose } }
        @{ name = 'New-AgbSession'; action = { New-AgbSession store -Verbose } }
        @{ name = 'Get-AgbSession'; action = { Get-AgbSession -Verbose } }
        @{ name = 'Wait-AgbSession'; action = { $session | Wait-AgbSession -Verbose } }
        @{ name = 'Remove-AgbSession'; action = { $session | Remove-AgbSession -Verbose } }
        @{ name = 'Use-AgbSession'; action = { Use-AgbSession { } -Verbose } }
        @{ name = 'Get-AgbImage'; action = { Get-AgbImage -Verbose } }
        @{ name = 'Invoke-AgbCommand'; action = { $session | Invoke-AgbCommand 'echo hello' -Verbose } }
        @{ name = 'Invoke-AgbCommand -Stream'; action = { $session | Invoke-AgbCommand 'echo hello' -Stream -Verbose } }
        @{ name = 'Invoke-AgbCommand -AsJob'; action = { $session | Invoke-AgbCommand 'echo hello' -AsJob | Wait-Job | Receive-Job -Verbose } }
        @{ name = 'Test-AgbHost'; action = { Test-AgbHost "$TestDrive/home" -Verbose } }
        @{ name = 'Connect-Agb'; action = { Connect-Agb "$TestDrive/home" -Verbose } }
        @{ name = 'Sync-AgbContext'; action = { $session | Sync-AgbContext -Verbose } }
        @{ name = 'Get-AgbSyncStatus'; action = { $session | Get-AgbSyncStatus -Verbose } }
        @{ name = 'Wait-AgbSync'; action = { $session | Wait-AgbSync -Verbose } }
    ) {
        $said = & $action 4>&1 | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] }
        "$said" | Should -Match '(memory|embedded): .+ took [0-9.]+ ms'
    }
}

Describe 'Enter-AgbSession' {
    It 'says that it needs a terminal' {
        $connection = New-MemoryConnection
        $session = New-AgbSession -Connection $connection
        # A pipeline of a program has no interface, wherever the tests themselves run.
        $run = Start-Pipeline '$session | Enter-AgbSession' @{ session = $session }
        $null = $run.Shell.EndInvoke($run.Run)
        $run.Shell.Streams.Error[0].FullyQualifiedErrorId | Should -BeLike 'TerminalRequired,*'
    }
}
