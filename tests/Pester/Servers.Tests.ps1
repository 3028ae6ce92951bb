# Servers on this machine and their keys. The server's program runs, sessions do not.
BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    Initialize-AgbHome
    $data = Join-Path $env:AGB_HOME serving
}

AfterAll {
    Get-AgbServer $data | Stop-AgbServer
    Clear-AgbHome
}

Describe 'A server' {
    It 'answers when it has been started, is listed while it runs, and is not when it has ended' {
        $server = Start-AgbServer http://127.0.0.1:0 -DataDirectory $data
        $connection = Connect-Agb -Endpoint $server.Endpoint -ApiKey $server.ApiKey
        @(Get-AgbContext -Connection $connection).Count | Should -Be 0

        $listed = Get-AgbServer $data
        $listed.ProcessId | Should -Be $server.ProcessId
        $listed.Endpoint | Should -Be $server.Endpoint
        $listed.LogFile | Should -Be $server.LogFile
        @(Get-AgbServer | Where-Object ProcessId -EQ $server.ProcessId).Count | Should -Be 1

        Get-AgbServer $data | Stop-AgbServer
        Get-AgbServer $data | Should -BeNullOrEmpty
    }

    It 'says in a sentence that another program has its port' {
        $taken = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $taken.Start()
        try {
            $port = $taken.LocalEndpoint.Port
            $record = Get-ErrorOf { Start-AgbServer "http://127.0.0.1:$port" -DataDirectory $data }
        }
        finally {
            $taken.Stop()
        }
        ($record.FullyQualifiedErrorId -split ',')[0] | Should -Be AddressNotAvailable
        $text = $record.Exception.Message
        $text | Should -BeLike "*another program listens on port $port*"
        $text.Length | Should -BeLessThan 300
        "$text $($record.ErrorDetails) $($record.Exception.Remedy)" | Should -Not -Match '(^|\s)--\w'
        $record.Exception.Remedy | Should -BeLike '*-Url*'
        Get-AgbServer $data | Should -BeNullOrEmpty
    }

    It 'says in the words of the cmdlet what an address that others reach needs' {
        $record = Get-ErrorOf { Start-AgbServer http://0.0.0.0:0 -DataDirectory $data }
        $record.Exception.Remedy | Should -BeLike '*-Certificate*-Insecure*'
        $record.Exception.Remedy | Should -Not -Match '(^|\s)--\w'
        $record = Get-ErrorOf { Start-AgbServer https://127.0.0.1:0 -DataDirectory $data }
        $record.Exception.Remedy | Should -BeLike '*-Certificate*-CertificateKey*'
    }

    It 'says which certificate it can not read' {
        Set-Content (Join-Path $env:AGB_HOME no.pem) 'no certificate'
        foreach ($name in 'no.pem', 'missing.pem') {
            $record = Get-ErrorOf { Start-AgbServer https://127.0.0.1:0 -DataDirectory $data -Certificate (Join-Path $env:AGB_HOME $name) }
            ($record.FullyQualifiedErrorId -split ',')[0] | Should -Be InvalidSetting
            $record.Exception.Message | Should -BeLike "*$name*"
        }
    }

    It 'does not start on a store that it can not open, and says why' {
        $broken = Join-Path $env:AGB_HOME broken
        $key = New-AgbServerKey first -DataDirectory $broken
        $store = New-Item -ItemType Directory "$broken/owners/$($key.Owner)" -Force
        Set-Content (Join-Path $store.FullName catalog.db) ('no database' * 1000)
        $record = Get-ErrorOf { Start-AgbServer http://127.0.0.1:0 -DataDirectory $broken }
        $record | Should -Not -BeNullOrEmpty
        $record.Exception.Message | Should -BeLike 'The server did not start: *'
        $record.Exception.Message.Length | Should -BeLessThan 500
        Get-AgbServer $broken | Should -BeNullOrEmpty
    }
}

Describe 'Keys of a server' {
    It 'are made, listed, taken by a running server, and removed' {
        $server = Start-AgbServer http://127.0.0.1:0 -DataDirectory $data
        try {
            $alice = $server | New-AgbServerKey alice
            $alice.ApiKey | Should -BeOfType securestring
            $connection = Connect-Agb -Endpoint $server.Endpoint -ApiKey $alice.ApiKey
            New-AgbContext mine -Connection $connection | Should -Not -BeNullOrEmpty

            $second = New-AgbServerKey alice-2 -Owner $alice.Owner -DataDirectory $data
            $second.Owner | Should -Be $alice.Owner
            $other = Connect-Agb -Endpoint $server.Endpoint -ApiKey $second.ApiKey
            (Get-AgbContext -Connection $other).Name | Should -Be mine

            $listed = $server | Get-AgbServerKey alice*
            $listed.Name | Sort-Object | Should -Be alice, alice-2
            $listed.ApiKey | Where-Object { $_ } | Should -BeNullOrEmpty
            ((Get-Date) - $listed[0].CreatedAt).TotalHours | Should -BeLessThan 1

            $listed | Where-Object Name -EQ alice | Remove-AgbServerKey
            (Get-AgbServerKey -DataDirectory $data).Name | Should -Not -Contain alice
            $record = Get-ErrorOf { Get-AgbContext -Connection (Connect-Agb -Endpoint $server.Endpoint -ApiKey $alice.ApiKey) }
            ($record.FullyQualifiedErrorId -split ',')[0] | Should -Be AuthenticationFailed
            (Get-AgbContext -Connection $other).Name | Should -Be mine
        }
        finally {
            $server | Stop-AgbServer
        }
    }

    It 'are refused in the words of the cmdlets' {
        $null = New-AgbServerKey twice -DataDirectory $data
        $record = Get-ErrorOf { New-AgbServerKey twice -DataDirectory $data }
        ($record.FullyQualifiedErrorId -split ',')[0] | Should -Be InvalidRequest
        $record.Exception.Message | Should -BeLike "*'twice'*"
        $record = Get-ErrorOf { Remove-AgbServerKey none -DataDirectory $data }
        $record.Exception.Remedy | Should -BeLike '*Get-AgbServerKey*'
        $record = Get-ErrorOf { Get-AgbServerKey none -DataDirectory $data }
        $record.Exception.Message | Should -BeLike "*'none'*"
        $record = Get-ErrorOf { New-AgbServerKey x -Owner none -DataDirectory $data }
        $record.Exception.Message | Should -BeLike "*'none'*"
    }

    It 'are completed by name and by owner' {
        $key = New-AgbServerKey completed -DataDirectory $data
        $line = "Remove-AgbServerKey -DataDirectory '$data' compl"
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be completed
        $line = "New-AgbServerKey x -DataDirectory '$data' -Owner "
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Contain $key.Owner
    }

    It 'change nothing with -WhatIf' {
        New-AgbServerKey never -DataDirectory $data -WhatIf
        $before = (Get-AgbServerKey -DataDirectory $data).Name
        Remove-AgbServerKey $before[0] -DataDirectory $data -WhatIf
        (Get-AgbServerKey -DataDirectory $data).Name | Should -Be $before
        $before | Should -Not -Contain never
    }
}
