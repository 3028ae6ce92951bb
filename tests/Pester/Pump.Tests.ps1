# How every cmdlet runs its work, shown on a service in memory that can be told to hang and to fail.
BeforeAll {
    . $PSScriptRoot/Support.ps1
}

Describe 'Work off the pipeline thread' {
    BeforeEach {
        $connection = New-MemoryConnection
        $service = $connection.Service
        $sessions = 1..8 | ForEach-Object { New-AgbSession -Connection $connection }
    }

    It 'runs a command in each session and emits a result for each' {
        $results = $sessions | Invoke-AgbCommand 'echo hello'
        $results | Should -HaveCount 8
        ($results.SessionId | Sort-Object) | Should -Be $sessions.SessionId
        $results[0] | Should -BeOfType Agb.AgbCommandResult
    }

    It 'runs at most ThrottleLimit commands at once, and that many' {
        $run = Start-Pipeline '$sessions | Invoke-AgbCommand gate -ThrottleLimit 3' @{ sessions = $sessions }
        1..3 | ForEach-Object { $service.Started.Wait(10000) | Should -BeTrue }
        $service.Started.Wait(50) | Should -BeFalse
        $null = $service.Gate.Release(8)
        $run.Shell.EndInvoke($run.Run) | Should -HaveCount 8
        $service.MostCommandsAtOnce | Should -Be 3
    }

    It 'reports a session that fails and goes on with the others' {
        $null = $sessions[3] | Remove-AgbSession
        $results = $sessions | Invoke-AgbCommand 'echo hello' -ErrorVariable errors -ErrorAction SilentlyContinue
        $results | Should -HaveCount 7
        $errors | Should -HaveCount 1
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'SessionNotFound,*'
        "$($errors[0].TargetObject)" | Should -Be $sessions[3].SessionId
    }

    It 'cancels the work when the pipeline is stopped' {
        $run = Start-Pipeline '$sessions | Invoke-AgbCommand hang' @{ sessions = $sessions[0] }
        $service.Started.Wait(10000) | Should -BeTrue
        Stop-Pipeline $run
        $run.Shell.InvocationStateInfo.State | Should -Be Stopped
        $run.Shell.Streams.Error | Should -BeNullOrEmpty
        # The cmdlet waited for this: nothing has to be waited for here.
        $service.Cancelled | Should -Be 1
    }

    It 'does not hang when the work ignores the stop' {
        $run = Start-Pipeline '$sessions | Invoke-AgbCommand stubborn' @{ sessions = $sessions[0] }
        $service.Started.Wait(10000) | Should -BeTrue
        Stop-Pipeline $run
        $null = $service.Gate.Release()
    }

    It 'cancels the rest when a later command needs no more' {
        $run = Start-Pipeline '$sessions | Invoke-AgbCommand gate | Select-Object -First 1' @{ sessions = $sessions[0..1] }
        1..2 | ForEach-Object { $service.Started.Wait(10000) | Should -BeTrue }
        $null = $service.Gate.Release()
        $run.Shell.EndInvoke($run.Run) | Should -HaveCount 1
        $service.Cancelled | Should -Be 1
    }

    It 'cancels the work when another command of the pipeline fails' {
        $run = Start-Pipeline '$sessions | ForEach-Object { $_; if ($i++) { $null = $service.Started.Wait(10000); throw "enough" } } | Invoke-AgbCommand hang' @{
            sessions = $sessions[0..1]; i = 0; service = $service
        }
        { $run.Shell.EndInvoke($run.Run) } | Should -Throw '*enough*'
        $service.Cancelled | Should -Be 2
    }

    It 'stops all sessions when the first error shall stop' {
        $mixed = @($sessions[0], 'session-none')
        $run = Start-Pipeline '$sessions | Invoke-AgbCommand hang -ErrorAction Stop' @{ sessions = $mixed; PSDefaultParameterValues = @{ '*-Agb*:Connection' = $connection } }
        { $run.Shell.EndInvoke($run.Run) } | Should -Throw "*session-none*"
        $service.Cancelled | Should -BeLessOrEqual 1
    }

    It 'says which service was called and how long it took' {
        $said = $sessions[0] | Invoke-AgbCommand 'echo hello' -Verbose 4>&1 | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] }
        "$said" | Should -Match "^memory: run command in session '$($sessions[0])' took [0-9.]+ ms$"
    }
}

Describe 'Errors' {
    BeforeEach {
        $connection = New-MemoryConnection
        $session = New-AgbSession -Connection $connection
    }

    It 'has the id, category, target and recommended action of the failure' {
        $record = Get-ErrorOf { Get-AgbContext nothing -Connection $connection }
        $record.FullyQualifiedErrorId | Should -Be 'ContextNotFound,Agb.PowerShell.Commands.GetAgbContextCommand'
        $record.CategoryInfo.Category | Should -Be ObjectNotFound
        $record.TargetObject | Should -Be nothing
        $record.ErrorDetails.RecommendedAction | Should -Match 'Get-AgbContext'
        "$record" | Should -Match "'nothing'"
    }

    It 'names the inner cause of a failure that nobody foresaw' {
        $record = Get-ErrorOf { $session | Invoke-AgbCommand throw }
        $record.FullyQualifiedErrorId | Should -BeLike 'UnexpectedError,*'
        "$record" | Should -Match 'outer.*the inner cause'
    }

    It 'treats a non-zero exit as data' {
        $result = $session | Invoke-AgbCommand 'exit 3' -ErrorVariable errors
        $result.ExitCode | Should -Be 3
        $result.Success | Should -BeFalse
        $errors | Should -BeNullOrEmpty
    }

    It 'treats a non-zero exit as an error too when asked' {
        $result = $session | Invoke-AgbCommand 'exit 3' -ErrorOnNonZeroExit -ErrorVariable errors -ErrorAction SilentlyContinue
        $result.ExitCode | Should -Be 3
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'CommandFailed,*'
        "$($errors[0])" | Should -Match 'exit code 3'
    }

    It 'writes an error for a sync that failed, beside its status' {
        $context = New-AgbContext store -Connection $connection
        $mounted = $context | New-AgbSession -Path /home/data
        $connection.Service.SyncOutcome = 'Failed'
        $status = $mounted | Sync-AgbContext -ErrorVariable errors -ErrorAction SilentlyContinue
        $status.Status | Should -Be Failed
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'SyncFailed,*'
        "$($errors[0])" | Should -Match 'the disk is on strike'
    }

    It 'reports a wait that ended too early' {
        $context = New-AgbContext store -Connection $connection
        $mounted = $context | New-AgbSession -Path /home/data
        $connection.Service.SyncOutcome = 'Running'
        Get-ErrorIdOf { $mounted | Wait-AgbSync -TimeoutSeconds 1 } | Should -Be WaitTimeout
        Get-ErrorIdOf { $mounted | Sync-AgbContext -TimeoutSeconds 1 } | Should -Be WaitTimeout
    }

    It 'reports a session that did not start' {
        $connection.Service.NewSessionStatus = 'Failed'
        $failed = New-AgbSession -NoWait -Connection $connection
        $found = $failed | Wait-AgbSession -ErrorVariable errors -ErrorAction SilentlyContinue
        $found.Status | Should -Be Failed
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'SessionStartFailed,*'
    }

    It 'ends the command for a value that no later record can mend' {
        $later = 'not reached'
        try {
            $session, $session | Invoke-AgbCommand '' -ErrorAction SilentlyContinue
            $later = 'reached'
        }
        catch {
            $_.FullyQualifiedErrorId | Should -BeLike 'InvalidCommand,*'
        }
        $later | Should -Be 'not reached'
    }
}
