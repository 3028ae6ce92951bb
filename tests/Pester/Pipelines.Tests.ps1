# How objects flow from one cmdlet to the next, into cmdlets for files, and from one process to another.
BeforeDiscovery {
    . $PSScriptRoot/Support.ps1
}

BeforeAll {
    . $PSScriptRoot/Support.ps1

    # Does something in a folder of its own, where a file lies that the text of an object would find.
    function Invoke-BesideLocalFile($Object, [string] $Cmdlet, [scriptblock] $Action) {
        $folder = (New-Item -ItemType Directory "$TestDrive/$([guid]::NewGuid())").FullName
        $names = @("$Object"; 'Path', 'Name', 'Id', 'SessionId' | ForEach-Object { "$($Object.PSObject.Properties[$_]?.Value)" }) |
            Where-Object { $_ -and $_.Length -lt 200 -and $_ -notmatch '[/*?\[\]]' }
        foreach ($name in $names | Select-Object -Unique) {
            Set-Content -LiteralPath "$folder/$name" 'of this machine'
        }
        $before = Get-Tree $folder
        Push-Location $folder
        try {
            $emitted = @(, $Object | & $Action)
        }
        catch {
            # A clear failure is as good: what counts is that nothing happened here.
            $emitted = @()
        }
        finally {
            Pop-Location
        }
        "$emitted" | Should -Not -Match 'of this machine' -Because $Cmdlet
        Get-Tree $folder | Should -Be $before -Because $Cmdlet
        Get-Content $local | Should -Be 'of this machine' -Because $Cmdlet
    }

    function Get-Tree([string] $Folder) {
        (Get-ChildItem $Folder -File -Recurse | Sort-Object FullName | ForEach-Object { "$($_.FullName) $(Get-Content -LiteralPath $_.FullName)" }) -join "`n"
    }
}

Describe 'An object of the module and cmdlets for files' {
    BeforeAll {
        $connection = New-MemoryConnection
        $context = New-AgbContext store -Connection $connection
        $session = $context | New-AgbSession -Path /home/data
        # The same path is in the context and on this machine.
        $local = "$TestDrive/same.txt"
        Set-Content $local 'of this machine'
        Set-Content "$TestDrive/source.txt" 'of the context'
        $null = $context | Send-AgbContextFile "$TestDrive/source.txt" -Destination "$TestDrive" -Name same.txt
        $connection.Service.Plan = [Agb.AgbSyncPlanItem]@{ SessionId = "$session"; ContextId = $context.Id; Action = 'Add'; Path = $local; Reason = 'new' }
        $objects = @{
            AgbContext           = $context
            AgbContextFile       = $context | Get-AgbContextFile $local
            AgbSession           = $session
            AgbContextSync       = $session.ContextSyncs[0]
            AgbSyncStatus        = $session | Sync-AgbContext
            AgbSyncPlanItem      = $session | Sync-AgbContext -WhatIf
            AgbCommandResult     = $session | Invoke-AgbCommand "echo $local"
            AgbImage             = Get-AgbImage *code* -Connection $connection
            AgbSyncPolicy        = New-AgbSyncPolicy
            AgbConnection        = $connection
            AgbContextVersion    = [Agb.AgbContextVersion]@{ ContextId = $context.Id; Version = 1 }
            AgbContextDifference = [Agb.AgbContextDifference]@{ ContextId = $context.Id; Path = $local; Difference = 'Added' }
            AgbCommandOutput     = [Agb.AgbCommandOutput]@{ SessionId = "$session"; Text = $local }
            AgbCodeResult        = [Agb.AgbCodeResult]@{ SessionId = "$session"; Language = 'python'; Stdout = $local }
            AgbHostCheck         = [Agb.AgbHostCheck]@{ Name = 'same.txt'; Status = 'Missing'; Detail = 'x' }
        }
    }

    It 'leaves this machine alone: <_>' -ForEach @(
        'AgbContext', 'AgbContextFile', 'AgbSession', 'AgbContextSync', 'AgbSyncStatus', 'AgbSyncPlanItem', 'AgbCommandResult', 'AgbImage',
        'AgbSyncPolicy', 'AgbConnection', 'AgbContextVersion', 'AgbContextDifference', 'AgbCommandOutput', 'AgbCodeResult', 'AgbHostCheck'
    ) {
        $object = $objects[$_]
        # The context and its file are needed after this; what acts on them is only asked what it would do.
        $whatIf = $_ -in 'AgbContext', 'AgbContextFile' ? @{ WhatIf = $true } : @{}
        foreach ($cmdlet in 'Get-Content', 'Get-Item', 'Test-Path', 'Get-FileHash', 'Import-Csv', 'Resolve-Path', 'Get-ItemProperty') {
            Invoke-BesideLocalFile $object $cmdlet { $input | & $cmdlet -ErrorAction Stop }
        }
        Invoke-BesideLocalFile $object Get-ChildItem { $input | Get-ChildItem -Name -ErrorAction Stop }
        Invoke-BesideLocalFile $object Select-String { $input | Select-String 'of this machine' -ErrorAction Stop }
        Invoke-BesideLocalFile $object Remove-Item { $input | Remove-Item -Recurse -ErrorAction Stop @whatIf }
        Invoke-BesideLocalFile $object Clear-Content { $input | Clear-Content -ErrorAction Stop @whatIf }
        Invoke-BesideLocalFile $object Copy-Item { $input | Copy-Item -Destination "$TestDrive/away" -ErrorAction Stop }
        Invoke-BesideLocalFile $object Move-Item { $input | Move-Item -Destination "$TestDrive/away" -ErrorAction Stop @whatIf }
        Invoke-BesideLocalFile $object Rename-Item { $input | Rename-Item -NewName other.txt -ErrorAction Stop @whatIf }
        foreach ($cmdlet in 'Set-Content', 'Add-Content') {
            Invoke-BesideLocalFile $object $cmdlet { $input | & $cmdlet -Value x -ErrorAction Stop @whatIf }
        }
    }

    It 'is a file of the context for <cmdlet>' -ForEach @(
        @{ cmdlet = 'Get-Content'; expected = 'of the context' }
        @{ cmdlet = 'Test-Path'; expected = $true }
    ) {
        $objects.AgbContextFile | & $cmdlet | Should -Be $expected
    }

    It 'is removed in its context by Remove-Item' {
        $null = $context | Send-AgbContextFile "$TestDrive/source.txt" -Destination "$TestDrive" -Name gone.txt
        Set-Content "$TestDrive/gone.txt" 'of this machine'
        $context | Get-AgbContextFile "$TestDrive/gone.txt" | Remove-Item
        "$TestDrive/gone.txt" | Should -FileContentMatch 'of this machine'
        Get-ErrorIdOf { $context | Get-AgbContextFile "$TestDrive/gone.txt" } | Should -Be FileNotFound
    }

    It 'has a path that scripts take for text' {
        $file = $objects.AgbContextFile
        $file.Path | Should -BeOfType string
        @{ $file.Path = 1 }[$local] | Should -Be 1
        ($file | Select-Object Path).Path.EndsWith('same.txt') | Should -BeTrue
        $file | Where-Object Path -EQ $local | Should -HaveCount 1
        ($file | ConvertTo-Json -Depth 1 | ConvertFrom-Json).Path | Should -Be $local
        ($file | ConvertTo-Csv | ConvertFrom-Csv).Path | Should -Be $local
    }

    It 'is never the newest version for a file of an earlier one' {
        $old = $objects.AgbContextFile | ForEach-Object { $_ | Add-Member Version 1 -PassThru }
        try {
            [Agb.PowerShell.ObjectMembers]::PSPath($old) | Should -BeLike 'AgbContextVersion::*'
        }
        finally {
            $old.PSObject.Properties.Remove('Version')
        }
    }
}

Describe 'A piped context and arguments by position' {
    BeforeAll {
        $connection = New-MemoryConnection
        $service = $connection.Service
        $context = New-AgbContext store -Connection $connection
        Set-Content "$TestDrive/a.txt" 'a'
        $null = $context | Send-AgbContextFile "$TestDrive/a.txt" /srv
    }

    It 'are put where they belong: <what>' -ForEach @(
        @{ what = 'Get-AgbContextFile'; act = { ($context | Get-AgbContextFile /srv).Path }; expected = '/srv/a.txt' }
        @{ what = 'several paths'; act = { ($context | Get-AgbContextFile /srv, /srv/a.txt).Path }; expected = '/srv/a.txt', '/srv/a.txt' }
        @{ what = 'a piped name'; act = { ('store' | Get-AgbContextFile /srv -Connection $connection).Path }; expected = '/srv/a.txt' }
        @{ what = 'no pipeline'; act = { (Get-AgbContextFile $context /srv).Path }; expected = '/srv/a.txt' }
        @{ what = 'Receive-AgbContextFile'; act = { ($context | Receive-AgbContextFile /srv/a.txt "$TestDrive/out").FullName }; expected = '/out/a.txt' }
        @{ what = 'a named path'; act = { ($context | Receive-AgbContextFile -Path /srv/a.txt "$TestDrive/named").FullName }; expected = '/named/a.txt' }
        @{ what = 'piped files'; act = { ($context | Get-AgbContextFile /srv | Receive-AgbContextFile "$TestDrive/files").FullName }; expected = '/files/a.txt' }
        @{ what = 'Receive without a pipeline'; act = { (Receive-AgbContextFile $context /srv/a.txt "$TestDrive/three").FullName }; expected = '/three/a.txt' }
        @{ what = 'New-AgbSession'; act = { ($context | New-AgbSession /home/x).ContextSyncs.Path }; expected = '/home/x' }
        @{ what = 'two contexts'; act = { ($context, $context | New-AgbSession /home/x).ContextSyncs.Path }; expected = '/home/x', '/home/x' }
        @{ what = 'New-AgbContextSync'; act = { ($context | New-AgbContextSync /home/y).Path }; expected = '/home/y' }
        @{ what = 'Use-AgbSession'; act = { $context | Use-AgbSession { $_.ContextSyncs.Path } /home/z }; expected = '/home/z' }
    ) {
        $found = @(& $act)
        $found | Should -HaveCount @($expected).Count
        0..($found.Count - 1) | ForEach-Object { $found[$_] | Should -BeLike "*$(@($expected)[$_])" }
    }

    It 'say what is wrong: <what>' -ForEach @(
        @{ what = 'two contexts'; act = { $context | Get-AgbContextFile store /srv } }
        @{ what = 'no path'; act = { $context | Receive-AgbContextFile } }
        @{ what = 'no new name'; act = { $context | Rename-AgbContext } }
        @{ what = 'no version'; act = { Restore-AgbContext $context } }
        @{ what = 'no number'; act = { $context | Get-AgbContextVersion newest } }
        @{ what = 'two names'; act = { Rename-AgbContext $context, $context other } }
        @{ what = 'a session to change'; act = { $context | New-AgbSession /home/x | Clear-AgbContext } }
        @{ what = 'a context to run in'; act = { $context | Invoke-AgbCommand 'echo a' } }
    ) {
        Get-ErrorIdOf $act | Should -Be InvalidRequest
    }

    It 'takes several contexts' {
        $other = New-AgbContext other -Connection $connection
        $null = $other | Send-AgbContextFile "$TestDrive/a.txt" /opt
        (Get-AgbContextFile store, other -Recurse -Connection $connection).Path | Should -Contain /opt/a.txt
        Get-ErrorIdOf { Get-AgbContextFile store, nope -Connection $connection } | Should -Be ContextNotFound
    }
}

Describe 'Contexts for sessions, and sessions for contexts' {
    BeforeAll {
        $connection = New-MemoryConnection
        $context, $other = 'store', 'other' | New-AgbContext -Connection $connection
        $first, $second = $context, $context | New-AgbSession -Path /home/data
        $third = $other | New-AgbSession -Path /home/other
    }

    It 'stand for the sessions that mount them: <what>' -ForEach @(
        @{ what = 'Get-AgbSession'; act = { $context | Get-AgbSession } }
        @{ what = 'Get-AgbSession -Context'; act = { Get-AgbSession -Context store -Connection $connection } }
        @{ what = 'Sync-AgbContext'; act = { $context | Sync-AgbContext } }
        @{ what = 'Wait-AgbSync'; act = { $context | Wait-AgbSync -TaskType Upload } }
        @{ what = 'Get-AgbSyncStatus'; act = { $context | Get-AgbSyncStatus -TaskType Upload } }
    ) {
        $null = $context, $other | Sync-AgbContext
        (& $act).SessionId | Sort-Object | Should -Be $first.SessionId, $second.SessionId
    }

    It 'warns where no session mounts it' {
        New-AgbContext lonely -Connection $connection | Sync-AgbContext -WarningVariable warned -WarningAction SilentlyContinue | Should -BeNullOrEmpty
        "$warned" | Should -Match "'lonely'"
    }

    It 'finds sessions by where they stand' {
        (Get-AgbSession -Status Running -Connection $connection).SessionId | Should -HaveCount 3
        Get-AgbSession -Status Failed -Connection $connection | Should -BeNullOrEmpty
        ($third | Get-AgbSession -Context other).SessionId | Should -Be $third.SessionId
        $third | Get-AgbSession -Context store | Should -BeNullOrEmpty
    }

    It 'says the name beside the id' {
        $status = $first | Sync-AgbContext
        $status.ContextName | Should -Be store
        $status | Format-Table | Out-String | Should -Match store
    }

    It 'stand for the contexts that they mount' {
        Set-Content "$TestDrive/a.txt" 'a'
        $null = $context | Send-AgbContextFile "$TestDrive/a.txt" /srv
        ($first | Get-AgbContextFile /srv).Path | Should -Be /srv/a.txt
        ($first | Get-AgbContext).Name | Should -Be store
    }
}

Describe 'Names' {
    BeforeAll {
        $connection = New-MemoryConnection
        $PSDefaultParameterValues['*-Agb*:Connection'] = $connection
        $null = 'build[1]', 'build1', 'Web', 'web2' | New-AgbContext
    }

    AfterAll {
        $PSDefaultParameterValues.Remove('*-Agb*:Connection')
    }

    It 'are themselves before they are patterns: <name>' -ForEach @(
        @{ name = 'build[1]'; expected = 'build[1]' }
        @{ name = 'build`[1`]'; expected = 'build[1]' }
        @{ name = 'build[12]'; expected = 'build1' }
        @{ name = 'build*'; expected = 'build1', 'build[1]' }
        @{ name = 'web'; expected = 'Web' }
        @{ name = 'WEB2'; expected = 'web2' }
        @{ name = 'we*'; expected = 'Web', 'web2' }
    ) {
        (Get-AgbContext $name).Name | Should -Be $expected
    }

    It 'that are nothing are an error, and patterns that can''t be read find nothing' {
        Get-ErrorIdOf { Get-AgbContext nope } | Should -Be ContextNotFound
        Get-AgbContext 'build[' -ErrorAction Stop | Should -BeNullOrEmpty
    }

    It 'complete to what finds them' {
        $line = 'Get-AgbContext -Connection $connection bui'
        $texts = [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches.CompletionText
        $texts | Should -HaveCount 2
        $texts | ForEach-Object { (Invoke-Expression "Get-AgbContext $_").Name | Should -HaveCount 1 }
    }

    It 'can''t be <_>' -ForEach '.', '..' {
        Get-ErrorIdOf { New-AgbContext $_ } | Should -Be InvalidContextName
    }

    It 'of images are found in any case by each cmdlet' {
        (Get-AgbImage AGB-CODE-SPACE-1).ImageId | Should -Be agb-code-space-1
        (New-AgbSession -ImageId AGB-CODE-SPACE-1).ImageId | Should -Be agb-code-space-1
        Get-ErrorIdOf { New-AgbSession -ImageId agb-nothing } | Should -Be ImageNotFound
    }

    It 'that do not exist are an error with -WhatIf too: <what>' -ForEach @(
        @{ what = 'Remove-AgbContext'; id = 'ContextNotFound'; act = { Remove-AgbContext nope -WhatIf } }
        @{ what = 'New-AgbSession'; id = 'ContextNotFound'; act = { New-AgbSession nope /x -WhatIf } }
        @{ what = 'Send-AgbContextFile'; id = 'ContextNotFound'; act = { Send-AgbContextFile nope $PSCommandPath -WhatIf } }
        @{ what = 'Remove-AgbSession'; id = 'SessionNotFound'; act = { Remove-AgbSession s-nope -WhatIf } }
    ) {
        Get-ErrorIdOf $act | Should -Be $id
    }
}

Describe 'Times and values' {
    BeforeAll {
        $connection = New-MemoryConnection
        $context = New-AgbContext store -Connection $connection
        $session = $context | New-AgbSession -Path /home/data -Label @{ purpose = 'csv'; a = 'b' } -MemoryLimit 512MB
    }

    It 'are local times, as other cmdlets give them: <type>' -ForEach @(
        [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -eq 'Agb.Core' } | ForEach-Object GetExportedTypes |
            Where-Object { [Agb.AgbObject].IsAssignableFrom($_) -and -not $_.IsAbstract } | ForEach-Object {
                $times = $_.GetProperties() | Where-Object { ([Nullable]::GetUnderlyingType($_.PropertyType) ?? $_.PropertyType) -eq [DateTimeOffset] }
                if ($times) {
                    @{ type = $_.FullName; times = $times.Name }
                }
            }
    ) {
        foreach ($name in $times) {
            $object = [System.Runtime.CompilerServices.RuntimeHelpers]::GetUninitializedObject([type]$type)
            $object.$name = [DateTimeOffset]::new(2026, 1, 2, 3, 4, 5, [TimeSpan]::FromHours(7))
            $object.$name | Should -BeOfType datetime -Because $name
            $object.$name.Kind | Should -Be Local
            $object.$name | Should -Be ([DateTimeOffset]::new(2026, 1, 2, 3, 4, 5, [TimeSpan]::FromHours(7)).LocalDateTime)
        }
    }

    It 'can be reckoned with' {
        ((Get-Date) - $session.CreatedAt) | Should -BeOfType timespan
        (New-TimeSpan $session.CreatedAt).TotalHours | Should -BeLessThan 1
        $session | Where-Object CreatedAt -GT (Get-Date).AddHours(-1) | Should -HaveCount 1
    }

    It 'are local in the texts of errors' {
        $time = [DateTimeOffset]::new(2026, 1, 2, 3, 4, 5, [TimeSpan]::FromHours(7))
        $map = [Agb.PowerShell.AgbConnection].Assembly.GetType('Agb.PowerShell.ErrorMap').GetMethod('ToRecord', [System.Reflection.BindingFlags] 'NonPublic, Static')
        $record = $map.Invoke($null, @([Agb.AgbErrors]::SessionNotFound('s-1', $time), $null))
        "$record" | Should -BeLike "*released at $($time.LocalDateTime.ToString('yyyy-MM-dd HH:mm:ss'))."
    }

    It 'are values in CSV, not names of types' {
        $row = $session | ConvertTo-Csv | ConvertFrom-Csv
        $row.Labels | Should -Be 'a=b; purpose=csv'
        $row.ContextSyncs | Should -Match $context.Id
        $row.Limits | Should -Be 'MemoryBytes=536870912'
        @($context, $session) | ForEach-Object { $_ | ConvertTo-Csv } | Where-Object { $_ -match 'System\.|Agb\.Agb' } | Should -BeNullOrEmpty
    }

    It 'show long paths whole' {
        $file = [Agb.AgbContextFile]@{ ContextId = $context.Id; Path = '/srv/' + ('long/' * 30) + 'name.txt' }
        ($file | Format-Table | Out-String -Width 80) -replace '\s' | Should -Match 'name\.txt'
    }
}

Describe 'Objects from another process' {
    BeforeAll {
        $connection = New-MemoryConnection
        $context = New-AgbContext store -Connection $connection
        $session = $context | New-AgbSession -Path /home/data
        Set-Content "$TestDrive/a.txt" 'a'
        $null = $context | Send-AgbContextFile "$TestDrive/a.txt" /srv
        $given = @{}
        foreach ($pair in @{
                context = $context; session = $session; file = $context | Get-AgbContextFile /srv; status = $session | Sync-AgbContext
                result = $session | Invoke-AgbCommand 'echo a'; policy = New-AgbSyncPolicy -WhiteList @{ Path = 'src'; ExcludePaths = 'bin' } -MappingPath /old
                sync = $context | New-AgbContextSync /x -MappingPath /old
            }.GetEnumerator()) {
            $given[$pair.Key] = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($pair.Value))
        }
        $PSDefaultParameterValues['*-Agb*:Connection'] = $connection
    }

    AfterAll {
        $PSDefaultParameterValues.Remove('*-Agb*:Connection')
    }

    It 'bind as parameters and by pipeline: <what>' -ForEach @(
        @{ what = 'context, parameter'; act = { (Get-AgbContextFile $given.context /srv).Path }; expected = '/srv/a.txt' }
        @{ what = 'context, pipeline'; act = { ($given.context | Get-AgbContextFile /srv).Path }; expected = '/srv/a.txt' }
        @{ what = 'context to context'; act = { ($given.context | Get-AgbContext).Name }; expected = 'store' }
        @{ what = 'context to sessions'; act = { ($given.context | Get-AgbSession).SessionId }; expected = { $session.SessionId } }
        @{ what = 'session, parameter'; act = { (Invoke-AgbCommand 'echo a' $given.session).SessionId }; expected = { $session.SessionId } }
        @{ what = 'session, pipeline'; act = { ($given.session | Invoke-AgbCommand 'echo a').SessionId }; expected = { $session.SessionId } }
        @{ what = 'session to session'; act = { ($given.session | Get-AgbSession).SessionId }; expected = { $session.SessionId } }
        @{ what = 'session to contexts'; act = { ($given.session | Get-AgbContext).Name }; expected = 'store' }
        @{ what = 'session to files'; act = { ($given.session | Get-AgbContextFile /srv).Path }; expected = '/srv/a.txt' }
        @{ what = 'result'; act = { ($given.result | Invoke-AgbCommand 'echo a').SessionId }; expected = { $session.SessionId } }
        @{ what = 'status'; act = { ($given.status | Sync-AgbContext).Path }; expected = '/home/data' }
        @{ what = 'file'; act = { ($given.file | Receive-AgbContextFile -Destination "$TestDrive/out").Name }; expected = 'a.txt' }
        @{ what = 'policy'; act = { (New-AgbContextSync store /x -SyncPolicy $given.policy).Policy.WhiteLists[0].ExcludePaths[0] }; expected = 'bin' }
        @{ what = 'mapping'; act = { ($given.context | New-AgbSession -Path /home/x -SyncPolicy $given.policy).ContextSyncs.OriginPath }; expected = '/old' }
        @{ what = 'mount'; act = { (New-AgbSession -ContextSync $given.sync).ContextSyncs.OriginPath }; expected = '/old' }
    ) {
        & $act | Should -Be ($expected -is [scriptblock] ? (& $expected) : $expected)
    }
}

Describe 'Connect-Agb -Test' {
    It 'fails now and not later: <what>' -ForEach @(
        @{ what = 'an address where nothing answers'; id = 'ConnectionFailed'; act = { Connect-Agb -Endpoint http://127.0.0.1:1 -ApiKey akm-x -TimeoutSeconds 1 -Test } }
    ) {
        Get-ErrorIdOf $act | Should -Be $id
    }

    It 'emits the connection that answers' {
        (Connect-Agb "$TestDrive/home" -Test).HomeDirectory | Should -Be "$TestDrive/home"
    }
}
