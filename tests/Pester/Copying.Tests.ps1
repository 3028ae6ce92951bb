# Copy-AgbItem on real sandboxes: what arrives, where, and what stays after a copy that was cut off.
BeforeDiscovery {
    . $PSScriptRoot/HostReady.ps1
}

BeforeAll {
    . $PSScriptRoot/Support.ps1
}

Describe 'Copy-AgbItem' -Skip:(-not $hostReady) {
    BeforeAll {
        Initialize-AgbHome
        $session = New-AgbSession
        function Sh([string] $command) { ($session | Invoke-AgbCommand $command).Output.TrimEnd("`n") }
    }

    BeforeEach {
        $folder = [IO.Directory]::CreateTempSubdirectory('agb-copying-').FullName
        Push-Location $folder
        $null = Sh 'rm -rf /tmp/* /tmp/.[!.]*'
    }

    AfterEach {
        Pop-Location
        Remove-Tree $folder
    }

    AfterAll {
        Clear-AgbHome
    }

    It 'copies a folder with modes, times, links and empty directories, both ways' {
        $null = New-Item -ItemType Directory ./dist/empty, ./dist/sub
        [IO.File]::WriteAllText("$folder/dist/sub/ä b.txt", 'content')
        [IO.File]::WriteAllText("$folder/dist/run.sh", "#!/bin/sh`n")
        [IO.File]::SetUnixFileMode("$folder/dist/run.sh", 'UserRead, UserWrite, UserExecute')
        [IO.File]::SetUnixFileMode("$folder/dist/sub", 'UserRead, UserExecute, UserWrite')
        $time = [datetime]::new(2020, 1, 2, 3, 4, 5, [DateTimeKind]::Utc).AddTicks(1234567)
        [IO.File]::SetLastWriteTimeUtc("$folder/dist/run.sh", $time)
        $null = New-Item -ItemType SymbolicLink ./dist/link -Target 'sub/ä b.txt'
        $null = New-Item -ItemType SymbolicLink ./dist/away -Target '/etc/hostname'
        $null = New-Item -ItemType SymbolicLink ./dist/folder -Target '/usr'
        [IO.Directory]::SetLastWriteTimeUtc("$folder/dist/sub", $time)

        Copy-AgbItem ./dist -ToSession $session -Destination /tmp/app
        Sh 'cd /tmp/app && find . -mindepth 1 -printf "%P %y %m %l\n" | LC_ALL=C sort' | Should -BeExactly @'
away l 777 /etc/hostname
empty d 755 
folder l 777 /usr
link l 777 sub/ä b.txt
run.sh f 700 
sub d 700 
sub/ä b.txt f 644 
'@.Replace("`r", '')
        Sh 'stat -c %.7Y /tmp/app/run.sh /tmp/app/sub; cat /tmp/app/link' | Should -Be "1577934245.1234567`n1577934245.1234567`ncontent"

        Copy-AgbItem /tmp/app -FromSession $session -Destination ./back
        (Get-ChildItem ./back -Recurse -Force | ForEach-Object { "$([IO.Path]::GetRelativePath("$folder/back", $_.FullName)) $($_.UnixMode) $($_.LinkTarget)" }) |
            Should -Be (Get-ChildItem ./dist -Recurse -Force | ForEach-Object { "$([IO.Path]::GetRelativePath("$folder/dist", $_.FullName)) $($_.UnixMode) $($_.LinkTarget)" })
        (Get-Item ./back/run.sh).LastWriteTimeUtc | Should -Be $time
        (Get-Item ./back/sub).LastWriteTimeUtc | Should -Be $time
        Get-Content ./back/link | Should -Be content
        Sh 'ls -A /tmp' | Should -Be app
        # Once more, over what is there.
        Copy-AgbItem /tmp/app/* -FromSession $session -Destination ./back
        (Get-Item ./back/folder).LinkTarget | Should -Be /usr
        (Get-ChildItem ./back -Recurse -Force).Count | Should -Be (Get-ChildItem ./dist -Recurse -Force).Count
    }

    It 'copies <what>' -ForEach @(
        @{ what = 'one file to a new name'; act = { Copy-AgbItem ./a.txt -ToSession $session -Destination /tmp/new/name.txt }; there = '/tmp/new/name.txt' }
        @{ what = 'one file into a directory'; act = { Copy-AgbItem ./a.txt -ToSession $session -Destination /tmp }; there = '/tmp/a.txt' }
        @{ what = 'one file into a new directory'; act = { Copy-AgbItem ./a.txt -ToSession $session -Destination /tmp/made/ }; there = '/tmp/made/a.txt' }
        @{ what = 'files of a pattern'; act = { Copy-AgbItem ./*.txt -ToSession $session -Destination /tmp/all }; there = '/tmp/all/a.txt /tmp/all/b.txt' }
        @{ what = 'files of the pipeline'; act = { Get-ChildItem *.txt | Copy-AgbItem -ToSession $session -Destination /tmp/all }; there = '/tmp/all/a.txt /tmp/all/b.txt' }
        @{ what = 'a name with wildcard characters'; act = { Copy-AgbItem -LiteralPath './c[1]' -ToSession $session -Destination /tmp }; there = '/tmp/c[1]' }
        @{ what = 'a folder into a directory'; act = { Copy-AgbItem ./d -ToSession $session -Destination /tmp }; there = '/tmp/d/e' }
        @{ what = 'to the home directory'; act = { Copy-AgbItem ./a.txt -ToSession $session; $null = Sh 'mv ~/a.txt /tmp' }; there = '/tmp/a.txt' }
    ) {
        Set-Content ./a.txt a
        Set-Content ./b.txt b
        Set-Content -LiteralPath './c[1]' c
        $null = New-Item -ItemType Directory ./d
        Set-Content ./d/e e
        & $act
        Sh 'find /tmp -type f | LC_ALL=C sort | paste -sd " "' | Should -BeExactly $there
    }

    It 'brings back <what>' -ForEach @(
        @{ what = 'one file to a new name'; act = { Copy-AgbItem /tmp/x/a.log -FromSession $session -Destination ./new }; there = 'new' }
        @{ what = 'one file into the current location'; act = { Copy-AgbItem /tmp/x/a.log -FromSession $session }; there = 'a.log' }
        @{ what = 'files of a pattern'; act = { Copy-AgbItem /tmp/x/*.log -FromSession $session -Destination ./logs }; there = 'logs/a.log logs/b.log' }
        @{ what = 'a name with wildcard characters'; act = { Copy-AgbItem -LiteralPath '/tmp/x/c[1]' -FromSession $session }; there = 'c[1]' }
        @{ what = 'a name with odd characters'; act = { Copy-AgbItem "/tmp/x/-o'dd*" -FromSession $session }; there = "-o'dd`n`"name" }
    ) {
        $null = Sh "mkdir /tmp/x; cd /tmp/x; touch a.log b.log 'c[1]' -- -o\'dd`$'\n'\`"name"
        & $act
        (Get-ChildItem -Recurse -File | ForEach-Object { [IO.Path]::GetRelativePath($folder, $_.FullName) } | Sort-Object) -join ' ' | Should -BeExactly $there
    }

    It 'merges into a folder that is there; <mode>' -ForEach @(
        @{ mode = 'replacing'; options = @{}; expected = 'new kept' }
        @{ mode = '-NoClobber'; options = @{ NoClobber = $true }; expected = 'old kept' }
        @{ mode = '-Force'; options = @{ Force = $true }; expected = 'new kept' }
    ) {
        $null = New-Item -ItemType Directory ./d
        Set-Content ./d/f new
        Set-Content ./d/g added
        $null = Sh 'mkdir /tmp/d; echo old >/tmp/d/f; echo kept >/tmp/d/other'
        Copy-AgbItem ./d -ToSession $session -Destination /tmp @options
        Sh 'cat /tmp/d/f /tmp/d/other | paste -sd " "; cat /tmp/d/g; ls -A /tmp' | Should -Be "$expected`nadded`nd"
        Set-Content ./back old
        $null = Sh 'echo new >/tmp/back'
        Copy-AgbItem /tmp/back -FromSession $session @options
        Get-Content ./back | Should -Be ($expected -split ' ')[0]
    }

    It 'replaces what is of another kind with -Force alone' {
        Set-Content ./f file
        $null = New-Item -ItemType Directory ./d
        $null = Sh 'mkdir -p /tmp/in/f/x; touch /tmp/in/d'
        Get-ErrorIdOf { Copy-AgbItem ./f, ./d -ToSession $session -Destination /tmp/in } | Should -Be CopyIncomplete
        Sh 'ls -AF /tmp/in' | Should -Be "d`nf/"
        Copy-AgbItem ./f, ./d -ToSession $session -Destination /tmp/in -Force
        Sh 'ls -AF /tmp/in' | Should -Be "d/`nf"
    }

    It 'replaces what is of another kind on this machine with -Force alone' {
        $null = Sh 'mkdir -p /tmp/x/d /tmp/x/l /tmp/x/sub; cd /tmp/x; echo new >f; echo new >d/in; echo new >l/in; ln -s f sub/link'
        $null = New-Item -ItemType Directory ./x/f/deep, ./elsewhere, ./x/sub/link
        Set-Content ./x/f/deep/old old
        Set-Content ./x/d old
        $null = New-Item -ItemType SymbolicLink ./x/l -Target "$folder/elsewhere"
        Copy-AgbItem /tmp/x -FromSession $session -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors.FullyQualifiedErrorId -replace ',.*' | Should -Contain CopyIncomplete
        Get-Content ./x/f/deep/old | Should -Be old
        Get-Content ./x/d | Should -Be old
        (Get-Item ./x/l).LinkTarget | Should -Be "$folder/elsewhere"
        (Get-Item ./x/sub/link).LinkTarget | Should -BeNullOrEmpty

        Copy-AgbItem /tmp/x -FromSession $session -Force
        Get-Content ./x/f, ./x/d/in, ./x/l/in | Should -Be new, new, new
        (Get-Item ./x/sub/link).LinkTarget | Should -Be f
        Get-ChildItem ./elsewhere | Should -BeNullOrEmpty
        Get-ChildItem ./x -Recurse -Force -Filter .agb-* | Should -BeNullOrEmpty
    }

    It 'reports what it can not copy, and copies the rest' {
        $null = Sh 'mkdir /tmp/x; cd /tmp/x; touch good $(printf "bad\377"); mkfifo pipe'
        Copy-AgbItem /tmp/x, /tmp/none -FromSession $session -Destination . -ErrorVariable errors -ErrorAction SilentlyContinue
        (Get-ChildItem ./x).Name | Should -Be good
        ($errors.FullyQualifiedErrorId -replace ',.*' | Sort-Object) | Should -Be CopyIncomplete, CopyIncomplete, FileNotFound
        "$errors" | Should -Match 'UTF-8'
        $null = New-Item -ItemType Directory ./out
        mkfifo ./out/pipe
        Set-Content ./out/good 1
        Copy-AgbItem ./out -ToSession $session -Destination /tmp -WarningVariable warnings -WarningAction SilentlyContinue
        "$warnings" | Should -Match 'pipe'
        Sh 'ls /tmp/out' | Should -Be good
        Get-ErrorIdOf { Copy-AgbItem ./none -ToSession $session } | Should -Be FileNotFound
    }

    It 'keeps the size of a sparse file, and its holes here' {
        $null = Sh 'truncate -s 300M /tmp/sparse; printf end >>/tmp/sparse'
        Copy-AgbItem /tmp/sparse -FromSession $session
        (Get-Item ./sparse).Length | Should -Be (300MB + 3)
        [int](du -k ./sparse | ForEach-Object { ($_ -split '\s')[0] }) | Should -BeLessThan 2000
        [IO.File]::ReadAllBytes("$folder/sparse")[-1] | Should -Be ([byte][char]'d')
    }

    It 'leaves nothing of a copy that was stopped' {
        # So large that no copy of it ends by itself.
        truncate -s 1T ./endless
        $run = Start-Pipeline 'Copy-AgbItem $from -ToSession $session -Destination /tmp' @{ session = $session; from = "$folder/endless" }
        Wait-Until { (Sh 'ls -A /tmp') -like '.agb-copy-*' } 'the copy has begun'
        Stop-Pipeline $run
        Sh 'ls -A /tmp' | Should -BeNullOrEmpty
    }

    It 'does nothing with -WhatIf' {
        Set-Content ./a a
        Copy-AgbItem ./a -ToSession $session -Destination /tmp -WhatIf
        Sh 'ls -A /tmp' | Should -BeNullOrEmpty
    }
}

Describe 'Copy-AgbItem on the AGB API' -Skip:(-not $hostReady) {
    BeforeAll {
        Initialize-AgbHome
        $server = Start-AgbServer http://127.0.0.1:0 -DataDirectory "$env:AGB_HOME/serving"
        Add-Type -Path "$Root/out/test-service/Agb.PowerShell.TestService.dll"
        $plain = [Agb.PowerShell.AgbConnection]::new(
            [Agb.PowerShell.TestService.PlainApi]::Open($server.Endpoint, ($server.ApiKey | ConvertFrom-SecureString -AsPlainText)))
        $session = New-AgbSession -Connection $plain
        $folder = [IO.Directory]::CreateTempSubdirectory('agb-copying-').FullName
        Set-Content "$folder/a" a
    }

    AfterAll {
        $session | Remove-AgbSession
        Get-AgbServer "$env:AGB_HOME/serving" | Stop-AgbServer
        Remove-Tree $folder
        Clear-AgbHome
    }

    It 'says that it has no way for it, and what there is, <way>' -ForEach @(
        @{ way = 'into a session'; copy = { Copy-AgbItem "$folder/a" -ToSession $session -Destination /tmp }; told = 'copies into running sessions'; remedy = 'Send-AgbContextFile' }
        @{ way = 'out of it'; copy = { Copy-AgbItem /etc/hostname -FromSession $session -Destination "$folder/out" }; told = 'copies out of running sessions'; remedy = 'Receive-AgbContextFile' }
    ) {
        $record = Get-ErrorOf $copy
        ($record.FullyQualifiedErrorId -split ',')[0] | Should -Be NotSupported
        $record.Exception.Message | Should -BeLike "*$told*"
        $record.Exception.Remedy | Should -BeLike "*$remedy*"
        (Get-ChildItem $folder).Name | Should -Be a
        ($session | Invoke-AgbCommand 'ls -A /tmp').Output | Should -BeNullOrEmpty
    }
}
