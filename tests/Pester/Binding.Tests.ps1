# What the parameters take and how objects pipe into each other, shown on a service in memory.
BeforeAll {
    . $PSScriptRoot/Support.ps1
}

Describe 'What a parameter takes' {
    BeforeEach {
        $connection = New-MemoryConnection
        $service = $connection.Service
        $context = New-AgbContext store -Connection $connection
        $PSDefaultParameterValues['*-Agb*:Connection'] = $connection
    }

    AfterEach {
        $PSDefaultParameterValues.Remove('*-Agb*:Connection')
    }

    It 'finds contexts by <how>' -ForEach @(
        @{ how = 'exact name'; find = { Get-AgbContext store } }
        @{ how = 'pattern'; find = { Get-AgbContext st* } }
        @{ how = 'id'; find = { Get-AgbContext -Id $context.Id } }
        @{ how = 'piped name'; find = { 'store' | Get-AgbContext } }
        @{ how = 'piped object'; find = { $context | Get-AgbContext } }
        @{ how = 'property name'; find = { [pscustomobject]@{ Name = 'store' } | Get-AgbContext } }
        @{ how = 'ContextId property'; find = { [pscustomobject]@{ ContextId = $context.Id } | Get-AgbContext } }
        @{ how = 'session that mounts it'; find = { $context | New-AgbSession -Path /home/data | Get-AgbContext } }
        @{ how = 'nothing given'; find = { Get-AgbContext } }
    ) {
        (& $find).Id | Should -Be $context.Id
    }

    It 'finds nothing, without an error, for a pattern that matches nothing' {
        Get-AgbContext nope* -ErrorAction Stop | Should -BeNullOrEmpty
    }

    It 'does not take a name for an id' {
        Get-ErrorIdOf { Get-AgbContext -Id store } | Should -Be ContextNotFound
    }

    It 'emits the existing context only when asked' {
        Get-ErrorIdOf { New-AgbContext store } | Should -Be ContextAlreadyExists
        (New-AgbContext store -GetExisting).Id | Should -Be $context.Id
    }

    It 'mounts a context given as <how>' -ForEach @(
        @{ how = 'object'; start = { New-AgbSession -Context $context -Path /home/data } }
        @{ how = 'name'; start = { New-AgbSession store /home/data } }
        @{ how = 'id'; start = { New-AgbSession $context.Id /home/data } }
        @{ how = 'piped object'; start = { $context | New-AgbSession -Path /home/data } }
        @{ how = 'piped name'; start = { 'store' | New-AgbSession -Path /home/data } }
        @{ how = 'record of Context and Path'; start = { [pscustomobject]@{ Context = 'store'; Path = '/home/data' } | New-AgbSession } }
        @{ how = 'context sync'; start = { New-AgbSession -ContextSync (New-AgbContextSync store /home/data) } }
        @{ how = 'piped context sync'; start = { $context | New-AgbContextSync -Path /home/data | New-AgbSession } }
    ) {
        $session = & $start
        $session | Should -BeOfType Agb.AgbSession
        $session.ContextSyncs | Should -HaveCount 1
        $session.ContextSyncs[0].ContextId | Should -Be $context.Id
        $session.ContextSyncs[0].Path | Should -Be /home/data
    }

    It 'mounts several contexts in one session' {
        $other = New-AgbContext other
        $syncs = @(
            $context | New-AgbContextSync -Path /home/a
            $other | New-AgbContextSync -Path /home/b -MappingPath /tmp/mapping
        )
        $session = New-AgbSession -ContextSync $syncs -Label @{ purpose = 'both'; number = 7 }
        $session.ContextSyncs.Path | Should -Be /home/a, /home/b
        $session.ContextSyncs.OriginPath | Should -Be /home/a, /tmp/mapping
        $session.Labels['number'] | Should -Be '7'
    }

    It 'starts one session for each piped context, in their order' {
        $other = New-AgbContext other
        $sessions = $context, $other | New-AgbSession
        $sessions.ContextSyncs.ContextId | Should -Be $context.Id, $other.Id
    }

    It 'mounts a context where its data is when no path is given' {
        $service.SetPaths($context.Id, '/tmp/mapping')
        ($context | New-AgbSession).ContextSyncs.Path | Should -Be /tmp/mapping
    }

    It 'mounts a context without data in /home when no path is given' {
        ($context | New-AgbSession).ContextSyncs.Path | Should -Be /home/store
    }

    It 'mounts a mapped context in /home when no path is given' {
        $service.SetPaths($context.Id, '/tmp/mapping')
        $session = $context | New-AgbSession -MappingPath /tmp/mapping
        $session.ContextSyncs.Path | Should -Be /home/store
        $session.ContextSyncs.OriginPath | Should -Be /tmp/mapping
    }

    It 'asks for the path, naming them, when the data is under several' {
        $service.SetPaths($context.Id, '/home/a', '/tmp/b')
        $record = Get-ErrorOf { $context | New-AgbSession }
        $record.FullyQualifiedErrorId | Should -BeLike 'AmbiguousPath,*'
        "$record" | Should -Match '/home/a, /tmp/b'
    }

    It 'needs a path when the name of the context is no directory name' {
        $odd = New-AgbContext 'a/b'
        Get-ErrorIdOf { $odd | New-AgbSession } | Should -Be InvalidPath
    }

    It 'runs a command in a session given as <how>' -ForEach @(
        @{ how = 'object'; run = { $session | Invoke-AgbCommand 'echo a' } }
        @{ how = 'argument'; run = { Invoke-AgbCommand 'echo a' $session } }
        @{ how = 'id'; run = { Invoke-AgbCommand 'echo a' -SessionId $session.SessionId } }
        @{ how = 'piped id'; run = { $session.SessionId | Invoke-AgbCommand 'echo a' } }
        @{ how = 'earlier result'; run = { $session | Invoke-AgbCommand 'echo b' | Invoke-AgbCommand 'echo a' } }
        @{ how = 'SessionId property'; run = { $session | Select-Object SessionId | Invoke-AgbCommand 'echo a' } }
    ) {
        $session = $context | New-AgbSession
        $result = & $run
        $result.SessionId | Should -Be $session.SessionId
        $result.Stdout | Should -Be "echo a`n"
    }

    It 'finds sessions by <how>' -ForEach @(
        @{ how = 'id'; find = { Get-AgbSession $session.SessionId } }
        @{ how = 'pattern'; find = { Get-AgbSession "*$($session.SessionId[-4..-1] -join '')" } }
        @{ how = 'label'; find = { Get-AgbSession -Label @{ purpose = 'find me' } } }
        @{ how = 'image'; find = { Get-AgbSession -ImageId *browser* } }
        @{ how = 'object'; find = { $session | Get-AgbSession } }
        @{ how = 'result'; find = { $session | Invoke-AgbCommand 'echo a' | Get-AgbSession } }
        @{ how = 'id and label'; find = { Get-AgbSession $session.SessionId -Label @{ purpose = 'find me' } } }
    ) {
        $null = New-AgbSession
        $session = New-AgbSession -ImageId agb-browser-use-1 -Label @{ purpose = 'find me' }
        (& $find).SessionId | Should -Be $session.SessionId
    }

    It 'syncs the session of a command' {
        $status = $context | New-AgbSession -Path /home/data | Invoke-AgbCommand 'echo a' | Sync-AgbContext
        $status | Should -BeOfType Agb.AgbSyncStatus
        $status.TaskType | Should -Be Upload
        $status.Status | Should -Be Success
    }

    It 'syncs only the mount of a piped status' {
        $other = New-AgbContext other
        $session = New-AgbSession -ContextSync ($context | New-AgbContextSync -Path /home/a), ($other | New-AgbContextSync -Path /home/b)
        $session | Sync-AgbContext | Should -HaveCount 2
        ($session | Sync-AgbContext -Context other).Path | Should -Be /home/b
        ($session | Sync-AgbContext -Path /home/a/ -Mode Download).TaskType | Should -Be Download
        $one = $session | Get-AgbSyncStatus -Context $other -TaskType Upload
        $one | Should -HaveCount 1
        ($one | Sync-AgbContext).Path | Should -Be /home/b
        ($one | Wait-AgbSync) | Should -HaveCount 1
    }

    It 'waits for what -NoWait started' {
        $session = $context | New-AgbSession -Path /home/data
        $started = $session | Sync-AgbContext -NoWait
        $started.Status | Should -Be Running
        ($started | Wait-AgbSync).Status | Should -Be Success
    }

    It 'removes what is piped and emits nothing' {
        $sessions = $context, $context | New-AgbSession -Path /home/data
        $sessions | Remove-AgbSession | Should -BeNullOrEmpty
        Get-AgbSession | Should -BeNullOrEmpty
        $context | Remove-AgbContext -Force | Should -BeNullOrEmpty
        Get-AgbContext | Should -BeNullOrEmpty
    }

    It 'passes the release options on' {
        $a, $b, $c = 1..3 | ForEach-Object { New-AgbSession }
        $a | Remove-AgbSession -SyncContext
        $b | Remove-AgbSession -DiscardChanges
        Get-ErrorIdOf { $c | Remove-AgbSession -SyncContext -DiscardChanges } | Should -Be InvalidSessionOption
        $service.Calls | Should -Contain "RemoveSession $a Upload"
        $service.Calls | Should -Contain "RemoveSession $b Discard"
    }

    It 'lists images and names them when one does not exist' {
        (Get-AgbImage *code*).ImageId | Should -Be agb-code-space-1
        (Get-AgbImage | New-AgbSession).ImageId | Should -Be agb-browser-use-1, agb-code-space-1
        $record = Get-ErrorOf { Get-AgbImage agb-windows-95 }
        $record.FullyQualifiedErrorId | Should -BeLike 'ImageNotFound,*'
        "$record" | Should -Match 'agb-browser-use-1, agb-code-space-1'
    }
}

Describe 'The service of a chain' {
    It 'stays with the objects, so that two services can be used side by side' {
        $connections = (New-MemoryConnection), (New-MemoryConnection)
        $chains = foreach ($connection in $connections) {
            $chain = @{}
            $chain.Context = New-AgbContext store -Connection $connection
            $chain.Sync = $chain.Context | New-AgbContextSync -Path /home/data
            $chain.Session = New-AgbSession -ContextSync $chain.Sync
            $chain.Result = $chain.Session | Invoke-AgbCommand 'echo a'
            $chain.Status = $chain.Result | Sync-AgbContext
            $chain.Again = $chain.Status | Get-AgbSession
            $chain.FromImage = Get-AgbImage *code* -Connection $connection | New-AgbSession
            $chain
        }
        foreach ($i in 0, 1) {
            foreach ($step in 'Context', 'Sync', 'Session', 'Result', 'Status', 'Again', 'FromImage') {
                [object]::ReferenceEquals($chains[$i].$step.Service, $connections[$i].Service) | Should -BeTrue -Because $step
            }
        }
    }

    It 'is the connection when one is given' {
        $first, $second = (New-MemoryConnection), (New-MemoryConnection)
        $context = New-AgbContext store -Connection $first
        Get-ErrorIdOf { $context | Get-AgbContext -Connection $second } | Should -Be ContextNotFound
    }

    It 'is another service when the environment has an API key' {
        try {
            $env:AGB_API_KEY = 'akm-secret'
            $env:AGB_ENDPOINT = 'http://127.0.0.1:1'
            $record = Get-ErrorOf { Get-AgbContext }
            $record.FullyQualifiedErrorId | Should -BeLike 'ConnectionFailed,*'
            "$record $($record.ErrorDetails.RecommendedAction) $($record.Exception)" | Should -Not -Match 'akm-secret'
            (Connect-Agb).Name | Should -Be 'http://127.0.0.1:1'
            (Connect-Agb).HomeDirectory | Should -BeNullOrEmpty
            (Connect-Agb -Endpoint https://example.invalid).Name | Should -Be 'https://example.invalid'
        }
        finally {
            Remove-Item env:AGB_API_KEY, env:AGB_ENDPOINT
        }
    }

    It 'takes the API key from .env of the location' {
        Set-Content $TestDrive/.env 'AGB_API_KEY=akm-secret', 'AGB_ENDPOINT=http://127.0.0.1:2'
        Push-Location $TestDrive
        try {
            (Connect-Agb).Name | Should -Be 'http://127.0.0.1:2'
        }
        finally {
            Pop-Location
        }
    }

    It 'needs a key for an endpoint' {
        Get-ErrorIdOf { Connect-Agb -Endpoint https://example.invalid } | Should -Be AuthenticationFailed
        $connection = Connect-Agb -Endpoint https://example.invalid -ApiKey akm-secret
        "$connection $($connection | Format-List | Out-String)" | Should -Not -Match 'akm-secret'
    }
}

Describe 'ShouldProcess' {
    BeforeEach {
        $connection = New-MemoryConnection
        $service = $connection.Service
        $context = New-AgbContext store -Connection $connection
        $session = $context | New-AgbSession -Path /home/data
        $service.Calls.Clear()
    }

    It 'changes nothing with -WhatIf: <name>' -ForEach @(
        @{ name = 'New-AgbContext'; act = { New-AgbContext other -Connection $connection -WhatIf } }
        @{ name = 'Remove-AgbContext'; act = { $context | Remove-AgbContext -WhatIf } }
        @{ name = 'New-AgbSession'; act = { $context | New-AgbSession -WhatIf } }
        @{ name = 'Remove-AgbSession'; act = { $session | Remove-AgbSession -WhatIf } }
        @{ name = 'Sync-AgbContext'; act = { $session | Sync-AgbContext -WhatIf } }
    ) {
        & $act | Should -BeNullOrEmpty
        $service.Calls | Where-Object { $_ -match '^(Create|Remove|Start)' } | Should -BeNullOrEmpty
    }

    It 'asks by default only where there is no way back: <name>' -ForEach @(
        @{ name = 'Remove-AgbContext'; impact = 'High' }
        @{ name = 'Clear-AgbContext'; impact = 'Medium' }
        @{ name = 'Remove-AgbSession'; impact = 'Medium' }
    ) {
        $cmdlet = (Get-Command $name).ImplementingType.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false)
        $cmdlet.ConfirmImpact | Should -Be $impact
    }

    It 'says which parameters answer, where nobody can be asked' {
        $record = Get-ErrorOf { $context | Remove-AgbContext }
        $record.FullyQualifiedErrorId | Should -BeLike 'ConfirmationRequired,*'
        $record.ErrorDetails.RecommendedAction | Should -Match '-Force.*-Confirm:\$false'
        $service.Calls | Where-Object { $_ -match '^Remove' } | Should -BeNullOrEmpty
    }

    It 'does not ask with <how>' -ForEach @(
        @{ how = '-Force'; act = { $context | Remove-AgbContext -Force } }
        @{ how = '-Confirm:$false'; act = { $context | Remove-AgbContext -Confirm:$false } }
        @{ how = 'the preference'; act = { $ConfirmPreference = 'None'; $context | Remove-AgbContext } }
    ) {
        & $act
        $service.Calls | Should -Contain "RemoveContext $($context.Id)"
    }

    It 'is there for exactly what changes state' {
        $able = Get-Command -Module Agb | Where-Object { $_.Parameters.ContainsKey('WhatIf') }
        $able.Name | Sort-Object | Should -Be Clear-AgbContext, Copy-AgbItem, New-AgbContext, New-AgbServerKey, New-AgbSession, Receive-AgbContextFile, Remove-AgbContext,
            Remove-AgbContextFile, Remove-AgbServerKey, Remove-AgbSession, Rename-AgbContext, Restore-AgbContext, Send-AgbContextFile, Set-AgbSession,
            Start-AgbServer, Stop-AgbServer, Sync-AgbContext, Use-AgbSession
    }
}
