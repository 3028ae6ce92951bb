using System.Runtime.CompilerServices;

namespace Agb.Conformance.Contexts;

/// <summary>Tests of file changes without a session: all changes of one call are made, or none.</summary>
[RunsOn(Services.Overlay | Services.Server, Long = Services.Copy | Services.UserOverlay)]
public sealed class ContextFileChangeTests : ServiceTest
{
    [Fact]
    public async Task All_changes_of_a_call_are_one_version()
    {
        var context = await NewContextAsync();
        await context.PutAsync(("/d/old", "1234"), ("/d/gone", "12"), ("/d/kept", "1"));

        var made = await context.ChangeAsync(
            ContextFiles.Put("/d/old", "123456"), ContextFiles.Put("/d/sub/new", "123"), ContextFiles.Remove("/d/gone"),
            new AgbContextFileChange.Link("/d/link", "../old"), new AgbContextFileChange.MakeDirectory("/d/empty") { Mode = 0x1C0 });

        (await context.TreeAsync()).ShouldBe(
            ["/d/", "/d/empty/", "/d/kept=1", "/d/link->../old", "/d/old=123456", "/d/sub/", "/d/sub/new=123"]);
        var versions = await VersionsAsync(context);
        made.ShouldBe(versions[0]);
        made.ShouldBe(new AgbContextVersion
        {
            Service = Service,
            ContextId = context.Id,
            Version = 2,
            CreatedAt = versions[0].CreatedAt,
            Origin = AgbVersionOrigin.Files,
            FilesAdded = 2,
            FilesChanged = 1,
            FilesDeleted = 1,
            Bytes = 9,
            BytesRemoved = 6,
        });
        (await context.FileAsync("/d/empty")).Mode.ShouldBe(0x1C0);
        (await Service.GetContextAsync(context, Token)).LastUsedAt.ShouldBeGreaterThanOrEqualTo(made!.CreatedAt);
    }

    [Fact]
    public async Task Changes_are_made_one_after_the_other()
    {
        var context = await NewContextAsync();
        await context.PutAsync(("/d/a", "old"), ("/d/b/c", "old"), ("/f", "old"));
        await context.ChangeAsync(
            ContextFiles.Remove("/d", recurse: true), ContextFiles.Put("/d/n", "1"), ContextFiles.Put("/d/n", "2"),
            ContextFiles.Remove("/f"), ContextFiles.Put("/f/now/a/directory", "x"),
            ContextFiles.Put("/gone/again", "y"), ContextFiles.Remove("/gone", recurse: true));
        (await context.TreeAsync()).ShouldBe(["/d/", "/d/n=2", "/f/", "/f/now/", "/f/now/a/", "/f/now/a/directory=x"]);
        var version = (await VersionsAsync(context))[0];
        (version.FilesAdded, version.FilesChanged, version.FilesDeleted).ShouldBe((2, 0, 3));
    }

    [Fact]
    public async Task Modes_and_times_are_those_given_or_the_usual_ones()
    {
        var context = await NewContextAsync();
        var time = new DateTimeOffset(2020, 1, 2, 3, 4, 5, TimeSpan.Zero);
        await context.ChangeAsync(
            ContextFiles.Put("/d/given", "1") with { Mode = 0x1ED, ModifiedAt = time }, ContextFiles.Put("/d/usual", "1"),
            new AgbContextFileChange.MakeDirectory("/e"));
        (await context.ListAsync(new AgbContextFileQuery { Recurse = true })).Select(f => (f.Path, f.Mode)).ShouldBe(
            [("/d", 0x1ED), ("/d/given", 0x1ED), ("/d/usual", 0x1A4), ("/e", 0x1ED)]);
        (await context.FileAsync("/d/given")).ModifiedAt.ShouldBe(time);
        (await context.FileAsync("/d/usual")).ModifiedAt.ShouldBeGreaterThan(time.AddYears(1));
        await context.PutAsync(("/d/given", "replaced"));
        (await context.FileAsync("/d/given")).ShouldSatisfyAllConditions(f => f.Mode.ShouldBe(0x1ED), f => f.ModifiedAt.ShouldNotBe(time));
    }

    [Fact]
    public async Task The_directories_above_keep_what_they_have()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/data", "mkdir -m 700 d; setfattr -n user.note -v kept d 2>/dev/null; touch -d '2024-05-06 07:08:09 UTC' d");
        await context.PutAsync(("/data/d/f", "1"));
        (await context.FileAsync("/data/d")).ShouldSatisfyAllConditions(
            d => d.Mode.ShouldBe(0x1C0), d => d.ModifiedAt.ShouldBe(new DateTimeOffset(2024, 5, 6, 7, 8, 9, TimeSpan.Zero)));
    }

    [Fact]
    public async Task A_link_or_file_is_replaced_and_not_followed()
    {
        var context = await NewContextAsync();
        await context.ChangeAsync(ContextFiles.Put("/f", "f"), new AgbContextFileChange.Link("/l", "f"));
        await context.ChangeAsync(ContextFiles.Put("/l", "own"), new AgbContextFileChange.Link("/f", "l"));
        (await context.TreeAsync()).ShouldBe(["/f->l", "/l=own"]);
    }

    [Fact]
    public async Task What_changes_nothing_makes_no_version()
    {
        var context = await NewContextAsync();
        await context.ChangeAsync(new AgbContextFileChange.MakeDirectory("/d"));
        (await context.ChangeAsync()).ShouldBeNull();
        (await context.ChangeAsync(new AgbContextFileChange.MakeDirectory("/d") { Mode = 0x1C0 })).ShouldBeNull();
        (await context.ChangeAsync(ContextFiles.Put("/x/y", "1"), ContextFiles.Remove("/x", recurse: true))).ShouldBeNull();
        (await VersionsAsync(context)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_file_of_many_megabytes_passes_through()
    {
        var context = await NewContextAsync();
        var content = new byte[(20 << 20) + 7];
        new Random(1).NextBytes(content);
        await context.ChangeAsync(new AgbContextFileChange.Put("/big", _ => Task.FromResult<Stream>(new MemoryStream(content))));
        await using var open = await Service.OpenContextFileAsync(context, "/big", offset: 1 << 20, cancellationToken: Token);
        open.File.Size.ShouldBe(content.Length);
        var read = new MemoryStream();
        await open.Content.CopyToAsync(read, Token);
        read.ToArray().AsSpan().SequenceEqual(content.AsSpan(1 << 20)).ShouldBeTrue();
    }

    [Fact]
    public async Task Removing_takes_what_is_there()
    {
        var context = await NewContextAsync();
        await context.ChangeAsync(
            ContextFiles.Put("/d/a", "1"), ContextFiles.Put("/d/b/c", "1"), new AgbContextFileChange.Link("/l", "d"),
            new AgbContextFileChange.MakeDirectory("/e"));
        await RefusesAsync(AgbErrorIds.WrongFileType, () => context.ChangeAsync(ContextFiles.Remove("/d")));
        await RefusesAsync(AgbErrorIds.FileNotFound, () => context.ChangeAsync(ContextFiles.Remove("/none")));
        await RefusesAsync(AgbErrorIds.FileNotFound, () => context.ChangeAsync(ContextFiles.Remove("/none/below", recurse: true)));
        await RefusesAsync(AgbErrorIds.FileNotFound, () => context.ChangeAsync(ContextFiles.Remove("/l/a")));
        await context.ChangeAsync(ContextFiles.Remove("/l"), ContextFiles.Remove("/e"), ContextFiles.Remove("/d/b", recurse: true));
        (await context.TreeAsync()).ShouldBe(["/d/", "/d/a=1"]);
        await context.ChangeAsync(ContextFiles.Remove("/d/a"), ContextFiles.Remove("/d"));
        (await context.TreeAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_path_of_the_wrong_kind_is_refused_and_so_is_the_whole_call()
    {
        var context = await NewContextAsync();
        await context.ChangeAsync(ContextFiles.Put("/d/f", "1"), new AgbContextFileChange.Link("/l", "d"));
        foreach (var wrong in (AgbContextFileChange[])
        [
            ContextFiles.Put("/d", "x"), ContextFiles.Put("/d/f/below", "x"), ContextFiles.Put("/l/x", "x"),
            new AgbContextFileChange.Link("/d", "x"), new AgbContextFileChange.MakeDirectory("/d/f"),
            new AgbContextFileChange.MakeDirectory("/d/f/below"), new AgbContextFileChange.MakeDirectory("/l"),
        ])
        {
            await RefusesAsync(AgbErrorIds.WrongFileType, () => context.ChangeAsync(ContextFiles.Put("/first", "1"), wrong));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("relative")]
    [InlineData("/")]
    [InlineData("/./")]
    [InlineData("/a/../b")]
    [InlineData("/a\0b")]
    public async Task A_bad_path_is_refused(string path)
    {
        var context = await NewContextAsync();
        await context.PutAsync(("/a/f", "1"));
        foreach (var change in (AgbContextFileChange[])
        [
            ContextFiles.Put(path, "1"), new AgbContextFileChange.MakeDirectory(path), new AgbContextFileChange.Link(path, "x"),
            ContextFiles.Remove(path, true),
        ])
        {
            await RefusesAsync(AgbErrorIds.InvalidPath, () => context.ChangeAsync(ContextFiles.Put("/first", "1"), change));
        }
    }

    [Fact]
    public async Task Other_bad_values_are_refused()
    {
        var context = await NewContextAsync();
        var deep = "/d" + string.Concat(Enumerable.Repeat("/d", 600));
        await RefusesAsync(AgbErrorIds.InvalidPath, () => context.PutAsync((deep, "1")));
        await RefusesAsync(AgbErrorIds.InvalidPath, () => context.ChangeAsync(new AgbContextFileChange.Link("/l", "")));
        await RefusesAsync(AgbErrorIds.InvalidPath, () => context.ChangeAsync(new AgbContextFileChange.Link("/l", new string('x', 5000))));
        await RefusesAsync(AgbErrorIds.InvalidRequest, () => context.ChangeAsync(ContextFiles.Put("/f", "1") with { Mode = 0x8000 }));
        await RefusesAsync(AgbErrorIds.InvalidRequest, () => context.ChangeAsync(new AgbContextFileChange.MakeDirectory("/f") { Mode = -1 }));
        await RefusesAsync(AgbErrorIds.ContextNotFound, () => (context with { Id = "SdkCtx-none" }).PutAsync(("/f", "1")));
    }

    [Fact]
    public async Task A_content_that_fails_leaves_no_trace()
    {
        var context = await NewContextAsync();
        await context.PutAsync(("/f", "1"));
        var error = await RefusesAsync(
            AgbErrorIds.UnexpectedError,
            () => context.ChangeAsync(
                ContextFiles.Put("/f", "2"),
                new AgbContextFileChange.Put("/bad", _ => Task.FromResult<Stream>(new FailingStream(new IOException("the wire broke"))))));
        error.Message.ShouldContain("/bad");
        error.Message.ShouldContain("the wire broke");
        await RefusesAsync(
            AgbErrorIds.UnexpectedError,
            () => context.ChangeAsync(new AgbContextFileChange.Put("/bad", _ => throw new InvalidOperationException("no such source"))));
        (await context.TreeAsync()).ShouldBe(["/f=1"]);
    }

    [Fact]
    public async Task A_cancelled_change_leaves_no_trace()
    {
        var context = await NewContextAsync();
        await context.PutAsync(("/f", "1"));
        using var cancel = new CancellationTokenSource();

        async IAsyncEnumerable<AgbContextFileChange> ChangesAsync([EnumeratorCancellation] CancellationToken token = default)
        {
            yield return ContextFiles.Put("/f", "2");
            await cancel.CancelAsync();
            token.ThrowIfCancellationRequested();
            yield return ContextFiles.Put("/g", "2");
        }

        await Should.ThrowAsync<OperationCanceledException>(() => Service.ChangeContextFilesAsync(context, ChangesAsync(Token), cancel.Token));
        (await context.TreeAsync()).ShouldBe(["/f=1"]);
        (await VersionsAsync(context)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_change_of_a_context_that_is_removed_meanwhile_leaves_no_trace()
    {
        var context = await NewContextAsync();
        await context.PutAsync(("/f", "1"));
        await FailsAsync(AgbErrorIds.ContextNotFound, () => context.ChangeAsync(new AgbContextFileChange.Put("/g", async _ =>
        {
            await Service.RemoveContextAsync(context, Token);
            return new MemoryStream([1]);
        })));
    }

    [Fact]
    public async Task A_content_may_come_from_the_same_context()
    {
        var context = await NewContextAsync();
        await context.PutAsync(("/f", "copied"));
        await context.ChangeAsync(
            new AgbContextFileChange.Put("/g", async t => (await Service.OpenContextFileAsync(context, "/f", cancellationToken: t)).Content),
            ContextFiles.Remove("/f"));
        (await context.TreeAsync()).ShouldBe(["/g=copied"]);
    }

    [Fact]
    public async Task Changes_at_once_are_all_made()
    {
        // More than the layers of one version, to cause a merge meanwhile.
        const int many = 40;
        var context = await NewContextAsync();
        await context.PutAsync(("/d/shared", "0"));
        await Task.WhenAll(Enumerable.Range(0, many).Select(i => context.PutAsync(($"/d/{i:d2}", $"{i}"), ("/d/shared", $"{i}"))));
        var versions = await VersionsAsync(context);
        versions.Select(v => v.Version).ShouldBe(Enumerable.Range(0, many + 1).Select(i => many + 1L - i));
        versions.Take(many).ShouldAllBe(v => v.FilesAdded == 1 && v.FilesChanged == 1);
        var tree = await context.TreeAsync();
        tree.Length.ShouldBe(many + 2);
        tree.Take(many + 1).ShouldBe(["/d/", .. Enumerable.Range(0, many).Select(i => $"/d/{i:d2}={i}")]);
    }

    [Fact]
    public async Task Many_changes_one_after_the_other_keep_all_content()
    {
        var context = await NewContextAsync();
        for (var i = 0; i < 60; i++)
        {
            AgbContextFileChange[] old = i < 10 ? [] : [ContextFiles.Remove($"/d{i % 5}/{i - 10}")];
            await context.ChangeAsync([ContextFiles.Put($"/d{i % 5}/{i}", $"{i}"), .. old]);
        }
        (await context.TreeAsync()).Where(l => !l.EndsWith('/')).Order(StringComparer.Ordinal).ShouldBe(
            Enumerable.Range(50, 10).Select(i => $"/d{i % 5}/{i}={i}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_paths_of_a_context_are_the_directories_that_files_were_put_into()
    {
        var context = await NewContextAsync();
        await context.ChangeAsync(
            new AgbContextFileChange.MakeDirectory("/srv/site"), ContextFiles.Put("/srv/site/css/a", "1"), ContextFiles.Put("/tmp/x.txt", "1"));
        (await Service.GetContextPathsAsync(context, Token)).ShouldBe(["/srv/site", "/tmp"]);
        await FillAsync(context, "/tmp/mapping", "echo 1 >f");
        await context.PutAsync(("/srv/site/index", "1"), ("/tmp/mapping/g", "1"));
        (await Service.GetContextPathsAsync(context, Token)).ShouldBe(["/srv/site", "/tmp", "/tmp/mapping"]);
        await context.ChangeAsync(ContextFiles.Remove("/srv/site", recurse: true));
        (await Service.GetContextPathsAsync(context, Token)).ShouldBe(["/tmp", "/tmp/mapping"]);
    }

    private sealed class FailingStream(Exception error) : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromException<int>(error);
    }
}
