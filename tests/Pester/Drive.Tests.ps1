# The drive over contexts, on a service in memory.
BeforeAll {
    . $PSScriptRoot/Support.ps1
}

Describe 'The drive' {
    BeforeEach {
        $connection = New-MemoryConnection
        $service = $connection.Service
        $context = New-AgbContext store -Connection $connection
        $null = New-AgbContext 'other one' -Connection $connection
        '/tmp/a.txt', '/tmp/b.log', '/tmp/sub/c.txt', '/tmp/odd[1].txt' | ForEach-Object { $service.Store($context.Id, $_, "line of $_`nlast`n") }
        $null = New-PSDrive t -PSProvider AgbContext -Root / -Connection $connection -Scope Global
    }

    AfterEach {
        Set-Location $Root
        Remove-PSDrive t -Scope Global
    }

    It 'lists <what>' -ForEach @(
        @{ what = 'contexts'; list = { Get-ChildItem t:/ -Name }; names = 'other one', 'store' }
        @{ what = 'a context'; list = { Get-ChildItem t:/store -Name }; names = 'tmp' }
        @{ what = 'a directory'; list = { (Get-ChildItem t:/store/tmp).Name }; names = 'a.txt', 'b.log', 'odd[1].txt', 'sub' }
        @{ what = 'all below'; list = { (Get-ChildItem t:/store -Recurse).ContextPath }; names = '/tmp', '/tmp/a.txt', '/tmp/b.log', '/tmp/odd[1].txt', '/tmp/sub', '/tmp/sub/c.txt' }
        @{ what = 'to a depth'; list = { (Get-ChildItem t:/store -Depth 1).ContextPath }; names = '/tmp', '/tmp/a.txt', '/tmp/b.log', '/tmp/odd[1].txt', '/tmp/sub' }
        @{ what = 'what matches'; list = { (Get-ChildItem t:/store/tmp/*.txt).Name }; names = 'a.txt', 'odd[1].txt' }
        @{ what = 'what matches in every part'; list = { (Get-Item t:/st*/t*/s*/c.*).ContextPath }; names = '/tmp/sub/c.txt' }
        @{ what = 'an exact name'; list = { (Get-Item -LiteralPath 't:/store/tmp/odd[1].txt').ContextPath }; names = '/tmp/odd[1].txt' }
        @{ what = 'one file'; list = { (Get-ChildItem t:/store/tmp/a.txt).ContextPath }; names = '/tmp/a.txt' }
        @{ what = 'what is included'; list = { (Get-ChildItem t:/store/tmp/* -Include *.log).Name }; names = 'b.log' }
        @{ what = 'from where one is'; list = { Set-Location t:/store/tmp; Set-Location sub; Get-ChildItem -Name }; names = 'c.txt' }
        @{ what = 'up from where one is'; list = { Set-Location t:/store/tmp/sub; (Get-ChildItem ..).Name }; names = 'a.txt', 'b.log', 'odd[1].txt', 'sub' }
    ) {
        @(& $list) | Sort-Object | Should -Be $names
    }

    It 'says whether something is there' {
        Test-Path t:/store/tmp/a.txt | Should -BeTrue
        Test-Path t:/store/tmp/none | Should -BeFalse
        Test-Path t:/none | Should -BeFalse
        Test-Path t:/store/tmp -PathType Container | Should -BeTrue
        Test-Path t:/store/tmp/a.txt -PathType Leaf | Should -BeTrue
    }

    It 'emits objects of the cmdlets' {
        Get-Item t:/store | Should -BeOfType Agb.AgbContext
        Get-Item t:/store/tmp/a.txt | Should -BeOfType Agb.AgbContextFile
        (Get-ChildItem t:/store/tmp/*.log | Receive-AgbContextFile -Destination $TestDrive/out).Name | Should -Be b.log
        Get-Item 't:/store/tmp/odd`[1`].txt' | Remove-AgbContextFile
        Test-Path -LiteralPath 't:/store/tmp/odd[1].txt' | Should -BeFalse
        (Get-Item t:/store | New-AgbSession -Path /home/data).ContextSyncs.ContextId | Should -Be $context.Id
    }

    It 'reads content as <how>' -ForEach @(
        @{ how = 'lines'; read = { Get-Content t:/store/tmp/a.txt }; expected = 'line of /tmp/a.txt', 'last' }
        @{ how = 'first line'; read = { Get-Content t:/store/tmp/a.txt -TotalCount 1 }; expected = 'line of /tmp/a.txt' }
        @{ how = 'one text'; read = { Get-Content t:/store/tmp/a.txt -Raw }; expected = "line of /tmp/a.txt`nlast`n" }
        @{ how = 'bytes'; read = { (Get-Content t:/store/tmp/a.txt -AsByteStream).Count }; expected = 24 }
        @{ how = 'all bytes'; read = { (Get-Content t:/store/tmp/a.txt -AsByteStream -Raw).Length }; expected = 24 }
    ) {
        & $read | Should -Be $expected
    }

    It 'writes and adds content, each as one version' {
        Set-Content t:/store/tmp/new.txt 'first', 'second'
        Add-Content t:/store/tmp/new.txt 'third'
        Get-Content t:/store/tmp/new.txt | Should -Be first, second, third
        Set-Content t:/store/tmp/new.txt 'only' -NoNewline
        Get-Content t:/store/tmp/new.txt -Raw | Should -Be only
        (Get-AgbContextVersion $context)[0].Version | Should -Be 7
        Set-Content t:/store/tmp/bytes ([byte[]] (0, 255, 10)) -AsByteStream
        Get-Content t:/store/tmp/bytes -AsByteStream | Should -Be 0, 255, 10
    }

    It 'copies bytes between drives in both directions' {
        $bytes = [byte[]] (0..255)
        [IO.File]::WriteAllBytes("$TestDrive/local.bin", $bytes)
        Get-Content $TestDrive/local.bin -AsByteStream | Set-Content t:/store/tmp/remote.bin -AsByteStream
        Get-Content t:/store/tmp/remote.bin -AsByteStream -Raw | Set-Content $TestDrive/back.bin -AsByteStream
        [IO.File]::ReadAllBytes("$TestDrive/back.bin") | Should -Be $bytes
    }

    It 'makes <what>' -ForEach @(
        @{ what = 'a context'; make = { New-Item t:/fresh }; path = 't:/fresh' }
        @{ what = 'a directory'; make = { New-Item t:/store/home/deep -ItemType Directory }; path = 't:/store/home/deep' }
        @{ what = 'a file with a value'; make = { New-Item t:/store/home/file -Value 'text' }; path = 't:/store/home/file' }
    ) {
        & $make | Should -Not -BeNullOrEmpty
        Test-Path $path | Should -BeTrue
    }

    It 'copies, moves and renames' {
        Copy-Item t:/store/tmp/a.txt t:/store/tmp/copy.txt
        Get-Content t:/store/tmp/copy.txt -TotalCount 1 | Should -Be 'line of /tmp/a.txt'
        Copy-Item t:/store/tmp/sub 't:/other one/copied' -Recurse
        Get-ChildItem 't:/other one/copied' -Name | Should -Be c.txt
        Copy-Item t:/store/tmp/*.log t:/store/tmp/sub
        Get-ChildItem t:/store/tmp/sub -Name | Should -Be b.log, c.txt
        Move-Item t:/store/tmp/copy.txt 't:/other one/moved.txt'
        Test-Path t:/store/tmp/copy.txt | Should -BeFalse
        Test-Path 't:/other one/moved.txt' | Should -BeTrue
        Rename-Item t:/store/tmp/sub renamed
        Get-ChildItem t:/store/tmp/renamed -Name | Should -Be b.log, c.txt
        Rename-Item t:/store again
        (Get-AgbContext again -Connection $connection).Id | Should -Be $context.Id
    }

    It 'removes files, trees and contexts' {
        Remove-Item t:/store/tmp/*.log
        Test-Path t:/store/tmp/b.log | Should -BeFalse
        Remove-Item t:/store/tmp -Recurse
        Test-Path t:/store/tmp | Should -BeFalse
        Remove-Item 't:/other one'
        Get-ChildItem t:/ -Name | Should -Be store
    }

    It 'keeps the service of its drive for what is piped on' {
        (Get-Item t:/store/tmp/a.txt).Path | Should -Be t:/store/tmp/a.txt
        Get-ChildItem t:/store/tmp/*.log | Remove-Item
        Get-ChildItem t:/store/tmp | Where-Object Name -Like odd* | Remove-Item
        Test-Path -LiteralPath 't:/store/tmp/odd[1].txt' | Should -BeFalse
        Test-Path t:/store/tmp/b.log | Should -BeFalse
        Get-ChildItem t:/ | Where-Object Name -EQ 'other one' | Remove-Item
        Get-ChildItem t:/ -Name | Should -Be store
    }

    It 'changes nothing with -WhatIf: <name>' -ForEach @(
        @{ name = 'New-Item'; act = { New-Item t:/fresh -WhatIf } }
        @{ name = 'Remove-Item'; act = { Remove-Item t:/store/tmp -Recurse -WhatIf } }
        @{ name = 'Copy-Item'; act = { Copy-Item t:/store/tmp/a.txt t:/store/tmp/z.txt -WhatIf } }
        @{ name = 'Move-Item'; act = { Move-Item t:/store/tmp/a.txt t:/store/tmp/z.txt -WhatIf } }
        @{ name = 'Rename-Item'; act = { Rename-Item t:/store/tmp/a.txt z.txt -WhatIf } }
        @{ name = 'Set-Content'; act = { Set-Content t:/store/tmp/z.txt x -WhatIf } }
    ) {
        & $act
        $service.Calls | Where-Object { $_ -match '^(Create.* fresh|Remove|Change|Rename)' } | Should -BeNullOrEmpty
    }

    It 'tells <what>' -ForEach @(
        @{ what = 'what is not there'; act = { Get-Content t:/store/tmp/none -ErrorAction Stop }; id = 'PathNotFound' }
        @{ what = 'that a file is there'; act = { New-Item t:/store/tmp/a.txt }; id = 'WrongFileType' }
        @{ what = 'that a context is there'; act = { New-Item t:/store }; id = 'ContextAlreadyExists' }
        @{ what = 'that a directory has no content'; act = { Set-Content t:/store/tmp x }; id = 'WrongFileType' }
        @{ what = 'that a tree can''t be copied into itself'; act = { Copy-Item t:/store/tmp t:/store/tmp/sub -Recurse }; id = 'InvalidPath' }
        @{ what = 'that a context is no file'; act = { Copy-Item t:/store t:/fresh }; id = 'InvalidPath' }
    ) {
        Get-ErrorIdOf $act | Should -Be $id
    }

    It 'completes paths' {
        $line = 'Get-Content t:/store/tmp/a'
        [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches.CompletionText | Should -Be t:/store/tmp/a.txt
        Set-Location t:/store
        $line = 'Get-ChildItem t'
        [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches.CompletionText | Should -Contain ./tmp
    }
}

Describe 'The drive agb:' {
    It 'is there after an import, without any service' {
        $said = & $Pwsh @PwshLeading -NoProfile -Command "`$env:AGB_HOME = '$TestDrive/never'; Import-Module '$Root/Agb.psd1'; (Get-PSDrive agb).Provider.Name"
        $said | Should -Be AgbContext
        "$TestDrive/never" | Should -Not -Exist
    }

    It 'shows the contexts of the environment''s service, and goes with the module' {
        $said = & $Pwsh @PwshLeading -NoProfile -Command "
            `$env:AGB_HOME = '$TestDrive/home'; Import-Module '$Root/Agb.psd1'
            `$null = New-AgbContext shown; Get-ChildItem agb:/ -Name; Set-Location agb:/shown; (Get-Location).Path
            Set-Location /; Remove-Module Agb; Test-Path agb:/shown"
        $said | Should -Be shown, agb:/shown, False
    }
}
