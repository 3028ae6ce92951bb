namespace Agb.Conformance.Files;

/// <summary>Tests with much data, many files and deep trees.</summary>
[RunsOn(Services.Overlay | Services.Copy, Long = Services.Server)]
public sealed class VolumeTests : ServiceTest
{
    private const string Path = "/home/data";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_large_file_arrives_whole(bool onRelease)
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path));
        // Fast to make, and no two blocks are equal.
        await ShellAsync(session, "head -c 209715200 /dev/urandom >large; sha256sum large >sum", Path);
        await StoreAsync(session, onRelease);
        (await AskAsync(context, Path, "sha256sum -c --quiet sum && stat -c %s large")).ShouldBe("209715200");
        (await VersionsAsync(context)).ShouldHaveSingleItem().Bytes.ShouldBe(209715200 + 72);
    }

    [Fact]
    public async Task A_large_file_that_changes_a_little_keeps_each_version()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "head -c 73400320 /dev/urandom >large");
        var sums = new List<string> { await AskAsync(context, Path, "sha256sum <large") };
        var session = await StartAsync(context.At(Path));
        foreach (var change in (string[])["printf changed | dd of=large bs=1 seek=50000000 conv=notrunc status=none", "printf grown >>large"])
        {
            sums.Add(await ShellAsync(session, $"{change}; sha256sum <large", Path));
            await UploadAsync(session);
        }
        sums.Add(await ShellAsync(session, "truncate -s -1000 large; sha256sum <large", Path));
        await ReleaseAsync(session);

        for (var i = 0; i < sums.Count; i++)
        {
            using var content = await Service.OpenContextFileAsync(context, Path + "/large", i + 1, cancellationToken: Token);
            $"{Convert.ToHexStringLower(await System.Security.Cryptography.SHA256.HashDataAsync(content.Content, Token))}  -".ShouldBe(sums[i]);
        }
        await Service.RestoreContextAsync(context, 1, Token);
        (await AskAsync(context, Path, "sha256sum <large")).ShouldBe(sums[0]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Many_small_files_arrive_whole(bool onRelease)
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "for d in $(seq 20); do mkdir d$d; for f in $(seq 100); do echo $d.$f >d$d/f$f; done; done", Path);
        await StoreAsync(session, onRelease);
        (await AskAsync(context, Path, "find . -type f | wc -l; for d in $(seq 20); do for f in $(seq 100); do [ $(<d$d/f$f) = $d.$f ] || echo wrong $d $f; done; done"))
            .ShouldBe("2000");
        (await VersionsAsync(context)).ShouldHaveSingleItem().FilesAdded.ShouldBe(2000);
    }

    [Fact]
    public async Task Of_many_small_files_only_the_changed_ones_move()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "for d in $(seq 20); do mkdir d$d; for f in $(seq 100); do echo $d.$f >d$d/f$f; done; done");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "for d in $(seq 20); do echo new >d$d/f1; rm d$d/f2; echo more >d$d/g; done; rm -r d20", Path);
        var task = await UploadAsync(session);
        task.Files.ShouldBe((19 * 3) + 100);
        (await AskAsync(context, Path, "find . -type f | wc -l; cat */f1 */g | sort | uniq -c | tr -s ' '")).ShouldBe("1900\n 19 more\n 19 new");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_tree_deeper_than_any_path_can_name_is_kept_and_removed(bool onRelease)
    {
        // 300 levels of 20-byte names: longer than PATH_MAX in all, so only relative steps reach the end.
        const string Walk = "use strict; my $n = 'level-' . ('x' x 14); for (1..300) { MAKE chdir $n or die \"$_: $!\" } ";
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path));
        Assert.SkipUnless((await RunAsync(session, "command -v perl")).Success, "The session has no perl.");
        await ShellAsync(session, Perl(Walk.Replace("MAKE", "mkdir $n or die;") + "open(my $f, '>', 'f') or die; print $f 'deep'; close $f"), Path);
        await StoreAsync(session, onRelease);
        var again = await StartAsync(context.At(Path));
        (await ShellAsync(again, Perl(Walk.Replace("MAKE", "") + "open(my $f, '<', 'f') or die; print <$f>"), Path)).ShouldBe("deep");
        await ShellAsync(again, "rm -r level-*", Path);
        await ReleaseAsync(again);
        (await StoredAsync(context, Path)).ShouldBeEmpty();
    }

    private static string Perl(string script) => "perl -e " + Shell.Quote(script);
}
