# The limits of sessions: what the parameters take, what is shown, and that real sessions have them.
BeforeDiscovery {
    . $PSScriptRoot/HostReady.ps1
}

BeforeAll {
    . $PSScriptRoot/Support.ps1
}

Describe 'The limit parameters' {
    BeforeAll {
        $connection = New-MemoryConnection
    }

    It 'take numbers with the units of PowerShell' {
        $limits = (New-AgbSession -MemoryLimit 512MB -ProcessLimit 100 -CpuLimit 1.5 -DiskLimit '2GB' -OpenFileLimit 256 -Connection $connection -WarningAction Ignore).Limits
        $limits.MemoryBytes | Should -Be 536870912
        $limits.Processes | Should -Be 100
        $limits.Cpus | Should -Be 1.5
        $limits.DiskBytes | Should -Be 2147483648
        $limits.OpenFiles | Should -Be 256
    }

    It 'say nothing when they are not given' {
        (New-AgbSession -Connection $connection).Limits | Should -Be ([Agb.AgbSessionLimits]::None)
    }

    It 'refuse <given> before anything is created' -ForEach @(
        @{ given = 'too little memory'; arguments = @{ MemoryLimit = 1KB } }
        @{ given = 'negative memory'; arguments = @{ MemoryLimit = -1 } }
        @{ given = 'no processes'; arguments = @{ ProcessLimit = 0 } }
        @{ given = 'no CPU'; arguments = @{ CpuLimit = 0 } }
        @{ given = 'no number of CPUs'; arguments = @{ CpuLimit = [double]::NaN } }
        @{ given = 'too little disk'; arguments = @{ DiskLimit = 1 } }
        @{ given = 'too many open files'; arguments = @{ OpenFileLimit = 100000000 } }
    ) {
        $before = @(Get-AgbSession -Connection $connection).Count
        $record = Get-ErrorOf { New-AgbSession @arguments -Connection $connection }
        ($record.FullyQualifiedErrorId -split ',')[0] | Should -Be InvalidSessionOption
        $record.Exception.Message | Should -Match 'expected'
        @(Get-AgbSession -Connection $connection).Count | Should -Be $before
    }

    It 'warn of a limit that does not hold' {
        $session = New-AgbSession -MemoryLimit 1GB -CpuLimit 2 -Connection $connection -WarningVariable warnings -WarningAction SilentlyContinue
        $warnings | Should -HaveCount 1
        "$warnings" | Should -Match "$session.*has no CPU limit: No groups here"
    }

    It 'show in the list of a session' {
        $session = New-AgbSession -MemoryLimit 1GB -CpuLimit 2 -Connection $connection -WarningAction Ignore
        $text = $session | Format-List | Out-String -Width 120
        $text | Should -Match 'Limits +: memory 1\.0 GiB, 2 CPUs'
        $text | Should -Match 'LimitStates +: memory: CgroupV2, CPU: does not hold'
    }

    It 'mark a result that reached one' {
        $result = [Agb.AgbCommandResult]@{ SessionId = 's-1'; Command = 'x'; ExitCode = 137; LimitReached = 'Memory' }
        [Agb.PowerShell.Units]::Glance($result) | Should -Be '[memory limit]'
        $result | Format-List | Out-String | Should -Match 'LimitReached +: Memory'
    }
}

Describe 'Limits of real sessions' -Skip:(-not $hostReady) {
    BeforeAll {
        Initialize-AgbHome
    }

    AfterAll {
        Clear-AgbHome
    }

    It 'hold, and the result and the error name them' {
        $session = New-AgbSession -DiskLimit 8MB -OpenFileLimit 128
        ($session | Invoke-AgbCommand 'ulimit -n').Stdout | Should -Be "128`n"
        $fill = 'for i in $(seq 200); do head -c 1M /dev/zero > ~/f$i; done; sleep 200'
        $result = $session | Invoke-AgbCommand $fill
        $result.LimitReached | Should -Be Disk
        $result.Success | Should -BeFalse
        $null = $session | Invoke-AgbCommand 'rm ~/f*'
        $record = Get-ErrorOf { $session | Invoke-AgbCommand $fill -ErrorOnNonZeroExit }
        $record.Exception.Message | Should -Match 'disk limit'
    }

    It 'are the same for Use-AgbSession' {
        Use-AgbSession { $_.Limits.OpenFiles; ($_ | Invoke-AgbCommand 'ulimit -n').Stdout.Trim() } -OpenFileLimit 96 | Should -Be 96, '96'
    }

    It 'are among the checks of the host' {
        $checks = Test-AgbHost
        foreach ($name in 'memory limit', 'process limit', 'CPU limit', 'disk limit', 'open file limit') {
            $checks | Where-Object Name -EQ $name | Should -HaveCount 1
        }
    }
}

Describe 'Limits of a server' -Skip:(-not $hostReady) {
    BeforeAll {
        Initialize-AgbHome
        $data = Join-Path $env:AGB_HOME limited
    }

    AfterAll {
        Clear-AgbHome
    }

    It 'refuse <given> before a server is started' -ForEach @(
        @{ given = 'too little memory'; arguments = @{ MemoryLimit = 1KB }; id = 'InvalidSessionOption' }
        @{ given = 'no CPU'; arguments = @{ CpuLimit = 0 }; id = 'InvalidSessionOption' }
        @{ given = 'a negative number'; arguments = @{ MaxSessions = -1 }; id = 'ParameterArgumentValidationError' }
    ) {
        $record = Get-ErrorOf { Start-AgbServer http://127.0.0.1:0 -DataDirectory $data @arguments }
        ($record.FullyQualifiedErrorId -split ',')[0] | Should -Be $id
        $data | Should -Not -Exist
    }

    It 'hold for its sessions, and for how many there are' {
        $server = Start-AgbServer http://127.0.0.1:0 -DataDirectory $data -MemoryLimit 64MB -ProcessLimit 100 -CpuLimit 1.5 -DiskLimit (20MB + 1) `
            -OpenFileLimit 200 -MaxSessions 5 -MaxSessionsPerOwner 1 -MaxCalls 9 -MaxCallsPerOwner 8
        try {
            $connection = Connect-Agb -Endpoint $server.Endpoint -ApiKey $server.ApiKey
            $session = New-AgbSession -Connection $connection -WarningAction Ignore
            $limits = $session.Limits
            $limits.MemoryBytes | Should -Be 64MB
            $limits.Processes | Should -Be 100
            $limits.Cpus | Should -Be 1.5
            $limits.DiskBytes | Should -Be 21MB
            $limits.OpenFiles | Should -Be 200
            $record = Get-ErrorOf { New-AgbSession -Connection $connection }
            ($record.FullyQualifiedErrorId -split ',')[0] | Should -Be TooManySessions
            $record.CategoryInfo.Category | Should -Be ResourceUnavailable
            $record.Exception.RetryAfter | Should -BeGreaterThan ([timespan]::Zero)
            $session | Remove-AgbSession
            New-AgbSession -Connection $connection -WarningAction Ignore | Remove-AgbSession
        }
        finally {
            $server | Stop-AgbServer
        }
    }
}
