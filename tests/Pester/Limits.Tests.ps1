# Limits of real sessions. Their parameters and views: tests/Agb.PowerShell.Tests.
BeforeDiscovery {
    . $PSScriptRoot/HostReady.ps1
}

BeforeAll {
    . $PSScriptRoot/Support.ps1
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
