# Names, versions, differences, labels, code and plans, on a service in memory.
BeforeAll {
    . $PSScriptRoot/Support.ps1
}

Describe 'Contexts and sessions' {
    BeforeEach {
        $connection = New-MemoryConnection
        $service = $connection.Service
        $context = New-AgbContext store -Connection $connection
    }

    Context 'Rename-AgbContext and Clear-AgbContext' {
        It 'rename a context given as <how>' -ForEach @(
            @{ how = 'object'; rename = { $context | Rename-AgbContext -NewName other } }
            @{ how = 'name'; rename = { Rename-AgbContext store other -Connection $connection } }
            @{ how = 'record'; rename = { [pscustomobject]@{ ContextId = $context.Id; NewName = 'other' } | Rename-AgbContext -Connection $connection } }
        ) {
            $renamed = & $rename
            $renamed.Name, $renamed.Id | Should -Be other, $context.Id
            (Get-AgbContext other -Connection $connection).Id | Should -Be $context.Id
        }

        It 'refuse a name that is taken, or none' {
            $null = New-AgbContext taken -Connection $connection
            Get-ErrorIdOf { $context | Rename-AgbContext -NewName taken } | Should -Be ContextAlreadyExists
            Get-ErrorIdOf { $context | Rename-AgbContext -NewName ' ' } | Should -Be InvalidContextName
        }

        It 'clear what is stored, and keep the versions' {
            $service.Store($context.Id, '/data/a', 'a')
            ($context | Clear-AgbContext).Id | Should -Be $context.Id
            Get-AgbContextFile $context | Should -BeNullOrEmpty
            (Get-AgbContextVersion $context).Origin | Should -Be Clear, Upload
            ($context | Clear-AgbContext -NoWait).State | Should -Be Clearing
        }
    }

    Context 'Versions' {
        BeforeEach {
            $service.Store($context.Id, '/data/a', 'one')
            $service.Store($context.Id, '/data/a', 'two!')
            $service.Store($context.Id, '/data/b', 'new')
        }

        It 'are listed, newest first, and found by number' {
            ($context | Get-AgbContextVersion).Version | Should -Be 3, 2, 1
            (Get-AgbContextVersion $context -Version 1, 3).Version | Should -Be 3, 1
            Get-ErrorIdOf { Get-AgbContextVersion $context -Version 9 } | Should -Be VersionNotFound
        }

        It 'are gone back to by <how>, as a new version' -ForEach @(
            @{ how = 'number'; restore = { $context | Restore-AgbContext -Version 1 } }
            @{ how = 'object'; restore = { Get-AgbContextVersion $context 1 | Restore-AgbContext } }
        ) {
            $version = & $restore
            $version.Version, $version.Origin | Should -Be 4, Restore
            (Get-AgbContextFile $context /data).Path | Should -Be /data/a
        }

        It 'are told when they are not there' {
            Get-ErrorIdOf { $context | Restore-AgbContext -Version 9 } | Should -Be VersionNotFound
        }
    }

    Context 'Compare-AgbContext' {
        BeforeEach {
            $then = [datetimeoffset]::new(2024, 1, 2, 3, 4, 5, [timespan]::Zero)
            $service.Store($context.Id, '/data/same', 'same', $then)
            $service.Store($context.Id, '/data/changed', 'old', $then)
            $service.Store($context.Id, '/data/gone', 'gone', $then)
            Remove-AgbContextFile $context /data/gone
            $service.Store($context.Id, '/data/changed', 'newer', $then)
            $service.Store($context.Id, '/data/added', 'added', $then)
            function Get-Shape($Differences) { $Differences | ForEach-Object { "$_" } }
        }

        It 'compares versions' {
            Get-Shape (Compare-AgbContext $context 3 6) | Should -Be '=> /data/added', '<> /data/changed', '<= /data/gone'
            Get-Shape (Get-AgbContextVersion $context 3 | Compare-AgbContext) | Should -Be '=> /data/added', '<> /data/changed', '<= /data/gone'
            Get-Shape (Compare-AgbContext $context 6 3) | Should -Be '<= /data/added', '<> /data/changed', '=> /data/gone'
            $changed = Compare-AgbContext $context 3 | Where-Object Difference -EQ Changed
            $changed.Reason, $changed.Size, $changed.DifferenceSize | Should -Be Size, 3, 5
        }

        It 'compares contexts' {
            $other = New-AgbContext other -Connection $connection
            $service.Store($other.Id, '/data/same', 'same')
            Get-Shape (Compare-AgbContext $context -DifferenceContext $other) | Should -Be '<= /data/added', '<= /data/changed'
            $elsewhere = New-AgbContext third -Connection (New-MemoryConnection)
            Compare-AgbContext $context -DifferenceContext $elsewhere | Should -HaveCount 4 -Because 'each context is asked of its own service'
        }

        It 'compares with a folder' {
            $null = Receive-AgbContextFile $context /data $TestDrive/compared -Recurse
            Compare-AgbContext $context -Path /data -Folder $TestDrive/compared/data | Should -BeNullOrEmpty
            Set-Content $TestDrive/compared/data/same 'lame' -NoNewline
            Set-Content $TestDrive/compared/data/mine 'mine'
            Get-Shape (Compare-AgbContext $context -Path /data -Folder $TestDrive/compared/data) | Should -Be '=> /data/mine', '<> /data/same'
            Get-Shape (Compare-AgbContext $context -Path /data -Folder $TestDrive/compared/data -IncludeEqual) |
                Should -Be '== /data/added', '== /data/changed', '=> /data/mine', '<> /data/same'
        }

        It 'reads the bytes with -Content' {
            $null = Receive-AgbContextFile $context /data $TestDrive/bytes -Recurse
            $file = Get-Item $TestDrive/bytes/data/same
            Set-Content $file 'lame' -NoNewline
            $file.LastWriteTimeUtc = $then.UtcDateTime
            Compare-AgbContext $context -Path /data -Folder $TestDrive/bytes/data | Should -BeNullOrEmpty -Because 'size and time are the same'
            $found = Compare-AgbContext $context -Path /data -Folder $TestDrive/bytes/data -Content
            "$found", $found.Reason | Should -Be '<> /data/same', Content
            Set-Content $file 'same' -NoNewline
            Compare-AgbContext $context -Path /data -Folder $TestDrive/bytes/data -Content | Should -BeNullOrEmpty -Because 'times do not count then'
        }

        It 'refuses a folder that is not there' {
            Get-ErrorIdOf { Compare-AgbContext $context -Folder $TestDrive/none } | Should -Be FileNotFound
        }

        It 'feeds what removes' {
            Compare-AgbContext $context 3 | Where-Object Difference -EQ Added | Remove-AgbContextFile
            (Get-AgbContextFile $context /data).Name | Should -Be changed, same
        }
    }

    Context 'Set-AgbSession' {
        BeforeEach {
            $session = New-AgbSession -Connection $connection -Label @{ old = 1 }
        }

        It 'replaces labels and keeps alive' {
            $session | Set-AgbSession -Label @{ purpose = 'tests' } | Should -BeNullOrEmpty
            ($session | Get-AgbSession).Labels.Keys | Should -Be purpose
            ($session | Set-AgbSession -Label @{} -KeepAlive -PassThru).Labels.Count | Should -Be 0
            $service.Calls | Should -Contain "KeepSessionAlive $session"
        }

        It 'refuses nothing, and what no label may be' {
            Get-ErrorIdOf { $session | Set-AgbSession } | Should -Be InvalidSessionOption
            Get-ErrorIdOf { $session | Set-AgbSession -Label @{ '' = 1 } } | Should -Be InvalidLabel
        }
    }

    Context 'Invoke-AgbCode' {
        BeforeEach {
            $session = New-AgbSession -Connection $connection
        }

        It 'runs code given as <how>' -ForEach @(
            @{ how = 'argument'; run = { $session | Invoke-AgbCode 'print(1)' }; code = 'print(1)' }
            @{ how = 'piped lines'; run = { 'a = 1', 'print(a)' | Invoke-AgbCode -Session $session }; code = "a = 1`nprint(a)" }
            @{ how = 'file'; run = { Set-Content $TestDrive/x.py 'print(2)' -NoNewline; Invoke-AgbCode -Path $TestDrive/x.py -Session $session }; code = 'print(2)' }
        ) {
            $result = & $run
            $result.Stdout | Should -Be "$code`n"
            $result.Success | Should -BeTrue
            $result.Results[0].Text | Should -Be 42
        }

        It 'knows the language <given>' -ForEach @(
            @{ given = 'py'; language = 'Python' }
            @{ given = 'JS'; language = 'Javascript' }
            @{ given = 'node'; language = 'Javascript' }
            @{ given = 'java'; language = 'Java' }
            @{ given = 'r'; language = 'R' }
        ) {
            ($session | Invoke-AgbCode 'x' -Language $given).Language | Should -Be $language
            Set-Content "$TestDrive/x.$($given -replace 'node', 'mjs')" 'x'
            (Invoke-AgbCode -Path "$TestDrive/x.$($given -replace 'node', 'mjs')" -Session $session).Language | Should -Be $language
        }

        It 'refuses <what>' -ForEach @(
            @{ what = 'an unknown language'; run = { $session | Invoke-AgbCode x -Language cobol }; id = 'InvalidCode' }
            @{ what = 'no code'; run = { $session | Invoke-AgbCode ' ' }; id = 'InvalidCode' }
            @{ what = 'too much code'; run = { $session | Invoke-AgbCode ('x' * 5MB) }; id = 'InvalidCode' }
            @{ what = 'a time of nothing'; run = { $session | Invoke-AgbCode x -TimeoutSeconds 0 }; id = 'InvalidSessionOption' }
            @{ what = 'a file that is not there'; run = { $session | Invoke-AgbCode -Path $TestDrive/none.py }; id = 'FileNotFound' }
        ) {
            Get-ErrorIdOf $run | Should -Be $id
            $service.Calls | Where-Object { $_ -like 'RunCode*' } | Should -BeNullOrEmpty
        }

        It 'takes an error of the code as data' {
            $result = $session | Invoke-AgbCode fail -ErrorAction Stop
            $result.Success, $result.Error | Should -Be $false, 'NameError: fail'
        }

        It 'streams what the code writes and shows, then the result' {
            $all = $session | Invoke-AgbCode 'print(1)' -Stream
            $all[0].Stream, $all[0].Text, $all[0].SessionId | Should -Be Stdout, "print(1)`n", $session.SessionId
            $all[1].Result.Text | Should -Be 42
            $all[2] | Should -BeOfType Agb.AgbCodeResult
        }

        It 'runs in many sessions, and is stopped by Ctrl+C' {
            $sessions = 1..3 | ForEach-Object { New-AgbSession -Connection $connection }
            ($sessions | Invoke-AgbCode 'x').SessionId | Sort-Object | Should -Be $sessions.SessionId
            $pipeline = Start-Pipeline '$session | Invoke-AgbCode hang' @{ session = $session }
            1..4 | ForEach-Object { $service.Started.Wait(20000) | Should -BeTrue }
            Stop-Pipeline $pipeline
            $service.Cancelled | Should -Be 1
            $pipeline.Shell.Dispose()
        }

        It 'completes languages' {
            $line = 'Invoke-AgbCode x -Language j'
            [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches.CompletionText |
                Should -Be Javascript, js, Java
        }
    }

    Context 'The plan of Sync-AgbContext' {
        BeforeEach {
            $session = $context | New-AgbSession -Path /home/data
            $service.Plan = [Agb.AgbSyncPlanItem]@{ SessionId = ''; ContextId = $context.Id; Action = 'Add'; Path = '/home/data/a'; Size = 3; Reason = 'new' }
        }

        It 'comes with -WhatIf, and nothing is done' {
            $plan = $session | Sync-AgbContext -WhatIf
            $plan | Should -BeOfType Agb.AgbSyncPlanItem
            "$plan" | Should -Be 'Add /home/data/a: new'
            $service.Calls | Where-Object { $_ -like 'StartSync*' } | Should -BeNullOrEmpty
        }

        It 'is not made otherwise' {
            ($session | Sync-AgbContext).Status | Should -Be Success
            $service.Calls | Where-Object { $_ -like 'PlanSync*' } | Should -BeNullOrEmpty
        }

        It 'has limits' {
            $null = $session | Sync-AgbContext -MaxDeletePercent 12.5
            $null = $session | Sync-AgbContext -Mode Download -Force
            $service.Calls | Should -Contain "StartSync $session Upload   12.5 False"
            $service.Calls | Should -Contain "StartSync $session Download    True"
            Get-ErrorIdOf { $session | Sync-AgbContext -MaxDeletePercent 101 } | Should -Be InvalidSessionOption
        }
    }

    Context 'ShouldProcess of these cmdlets' {
        It 'changes nothing with -WhatIf: <name>' -ForEach @(
            @{ name = 'Rename-AgbContext'; act = { $context | Rename-AgbContext -NewName other -WhatIf } }
            @{ name = 'Clear-AgbContext'; act = { $context | Clear-AgbContext -WhatIf } }
            @{ name = 'Restore-AgbContext'; act = { $context | Restore-AgbContext -Version 1 -WhatIf } }
            @{ name = 'Send-AgbContextFile'; act = { Send-AgbContextFile $context $PSCommandPath /data -WhatIf } }
            @{ name = 'Remove-AgbContextFile'; act = { Remove-AgbContextFile $context /data/a -WhatIf } }
            @{ name = 'Receive-AgbContextFile'; act = { Receive-AgbContextFile $context /data/a $TestDrive/never -WhatIf } }
            @{ name = 'Set-AgbSession'; act = { $session | Set-AgbSession -KeepAlive -WhatIf } }
        ) {
            $service.Store($context.Id, '/data/a', 'a')
            $session = New-AgbSession -Connection $connection
            $service.Calls.Clear()
            & $act | Should -BeNullOrEmpty
            $service.Calls | Where-Object { $_ -match '^(Rename|Clear|Restore|Change|Open|Set|Keep)' } | Should -BeNullOrEmpty
            "$TestDrive/never" | Should -Not -Exist
        }
    }
}
