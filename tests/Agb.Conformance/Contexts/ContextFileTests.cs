namespace Agb.Conformance.Contexts;

/// <summary>Tests of lists and reads of a context's files, in every kept version.</summary>
[RunsOn(Services.Overlay | Services.Server, Long = Services.Copy | Services.UserOverlay)]
public sealed class ContextFileTests : ServiceTest
{
    [Fact]
    public async Task What_a_session_stored_is_listed_as_it_had_it()
    {
        var context = await NewContextAsync();
        await FillAsync(
            context, "/tmp/mapping", "printf 12345 >f; chmod 640 f; touch -d '2024-05-06 07:08:09 UTC' f; mkdir -m 750 d; ln -s f l; mkfifo p");
        var version = (await VersionsAsync(context)).Single();

        var files = await context.ListAsync(new AgbContextFileQuery { Path = "/tmp/mapping" });

        files.Select(f => (f.Path, f.Name, f.Type, f.Size, f.Mode, f.LinkTarget)).ShouldBe(
        [
            ("/tmp/mapping/d", "d", AgbFileType.Directory, 0, 0x1E8, null),
            ("/tmp/mapping/f", "f", AgbFileType.File, 5, 0x1A0, null),
            ("/tmp/mapping/l", "l", AgbFileType.SymbolicLink, 0, 0x1FF, "f"),
        ]);
        files[1].ModifiedAt.ShouldBe(new DateTimeOffset(2024, 5, 6, 7, 8, 9, TimeSpan.Zero));
        files.ShouldAllBe(f => f.CreatedAt == version.CreatedAt && f.ContextId == context.Id && f.Service == Service);
        files.Select(f => f.ETag is null).ShouldBe([true, false, true]);
        foreach (var file in files)
        {
            (await context.FileAsync(file.Path)).ShouldBe(file);
        }
    }

    [Fact]
    public async Task What_a_session_closed_to_itself_can_be_read()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/data", "mkdir d; echo deep >d/f; chmod 0 d/f d; echo 1 >g; chmod 0 g");
        (await context.TreeAsync(path: "/data")).ShouldBe(["/data/d/", "/data/d/f=deep", "/data/g=1"]);
        (await context.ListAsync(new AgbContextFileQuery { Path = "/data", Recurse = true })).ShouldAllBe(f => f.Mode == 0);
        await context.PutAsync(("/data/d/f", "replaced"), ("/data/d/n", "new"));
        (await context.TreeAsync(path: "/data")).ShouldBe(["/data/d/", "/data/d/f=replaced", "/data/d/n=new", "/data/g=1"]);
        (await context.FileAsync("/data/d")).Mode.ShouldBe(0);
    }

    [Fact]
    public async Task One_can_walk_from_the_root()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/tmp/mapping", "echo 1 >f");
        (await context.ListAsync(new AgbContextFileQuery())).ShouldHaveSingleItem().Path.ShouldBe("/tmp");
        (await context.ListAsync(new AgbContextFileQuery { Path = "/tmp/" })).ShouldHaveSingleItem().Path.ShouldBe("/tmp/mapping");
        (await context.FileAsync("/")).Type.ShouldBe(AgbFileType.Directory);
        (await context.FileAsync("/tmp")).Type.ShouldBe(AgbFileType.Directory);
    }

    [Fact]
    public async Task A_listing_is_sorted_by_bytes_and_puts_directories_before_their_content()
    {
        var context = await NewContextAsync();
        await context.PutAsync(("/a/z", "1"), ("/a/B", "2"), ("/a-b", "3"), ("/b/c/d", "4"), ("/ä", "5"), ("/Z", "6"));
        (await context.TreeAsync()).ShouldBe(
            ["/Z=6", "/a/", "/a/B=2", "/a/z=1", "/a-b=3", "/b/", "/b/c/", "/b/c/d=4", "/ä=5"]);
        (await context.ListAsync(new AgbContextFileQuery())).Select(f => f.Name).ShouldBe(["Z", "a", "a-b", "b", "ä"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pages_make_up_the_whole(bool recurse)
    {
        var context = await NewContextAsync();
        var deep = Enumerable.Range(0, 100).Select(i => ContextFiles.Put($"/d/{i % 7}/{i}", $"{i}"));
        var flat = Enumerable.Range(0, 40).Select(i => ContextFiles.Put($"/d/f{i}", $"{i}"));
        await context.ChangeAsync([.. deep, .. flat]);
        var query = new AgbContextFileQuery { Path = "/d", Recurse = recurse };
        var all = await context.ListAsync(query);
        all.Count.ShouldBe(recurse ? 147 : 47);
        var paged = new List<AgbContextFile>();
        for (var skip = 0; skip < all.Count + 10; skip += 10)
        {
            paged.AddRange(await Service.ListContextFilesAsync(context, query with { Skip = skip }, Token).Take(10).ToListAsync(Token));
        }
        paged.ShouldBe(all);
    }

    [Fact]
    public async Task Names_that_are_not_text_do_not_break_a_listing()
    {
        var context = await NewContextAsync();
        await FillAsync(
            context, "/data",
            "printf x >\"$(printf 'bad\\377name')\"; printf y >\"$(printf 'two\\nlines')\"; printf z >ok; mkdir \"$(printf '\\376')\"");
        var files = await context.ListAsync(new AgbContextFileQuery { Path = "/data", Recurse = true });
        files.Select(f => f.Name).ShouldBe(["bad\uFFFDname", "ok", "two\nlines", "\uFFFD"]);
        (await context.ReadAsync("/data/ok")).ShouldBe("z");
    }

    [Fact]
    public async Task Nothing_stored_is_an_empty_list()
    {
        var context = await NewContextAsync();
        (await context.ListAsync(new AgbContextFileQuery())).ShouldBeEmpty();
        (await context.ListAsync(new AgbContextFileQuery { Path = "/no/such" })).ShouldBeEmpty();
        await context.PutAsync(("/f", "1"));
        (await context.ListAsync(new AgbContextFileQuery { Path = "/f" })).ShouldBeEmpty();
        (await context.ListAsync(new AgbContextFileQuery { Path = "/f/below", Recurse = true })).ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_kept_version_can_be_listed_and_read()
    {
        var context = await NewContextAsync();
        await context.PutAsync(("/d/f", "one"), ("/d/g", "g"));
        await context.PutAsync(("/d/f", "two"), ("/d/h", "h"));
        await context.ChangeAsync(ContextFiles.Remove("/d", recurse: true), ContextFiles.Put("/d/new", "new"));
        (await context.TreeAsync(1)).ShouldBe(["/d/", "/d/f=one", "/d/g=g"]);
        (await context.TreeAsync(2)).ShouldBe(["/d/", "/d/f=two", "/d/g=g", "/d/h=h"]);
        (await context.TreeAsync(3)).ShouldBe(["/d/", "/d/new=new"]);
        (await context.TreeAsync()).ShouldBe(["/d/", "/d/new=new"]);
        (await context.ReadAsync("/d/f", version: 1)).ShouldBe("one");
        await FailsAsync(AgbErrorIds.FileNotFound, () => context.ReadAsync("/d/f"));
    }

    [Fact]
    public async Task A_file_tells_which_version_brought_it_and_a_tag_of_its_content()
    {
        var context = await NewContextAsync();
        await context.PutAsync(("/f", "one"), ("/g", "same"));
        var first = (f: await context.FileAsync("/f"), g: await context.FileAsync("/g"));
        var second = (await context.PutAsync(("/f", "two"))).ShouldNotBeNull();
        var (f, g) = (await context.FileAsync("/f"), await context.FileAsync("/g"));
        f.CreatedAt.ShouldBe(second.CreatedAt);
        f.ETag.ShouldNotBe(first.f.ETag);
        g.ShouldBe(first.g);
        (await context.FileAsync("/f", version: 1)).ShouldBe(first.f);
    }

    [Fact]
    public async Task A_file_is_read_from_an_offset_and_not_behind_its_end()
    {
        var context = await NewContextAsync();
        await context.PutAsync(("/f", "0123456789"));
        (await context.ReadAsync("/f", offset: 4)).ShouldBe("456789");
        (await context.ReadAsync("/f", offset: 10)).ShouldBe("");
        (await context.ReadAsync("/f", offset: long.MaxValue)).ShouldBe("");
        await FailsAsync(AgbErrorIds.InvalidRequest, () => context.ReadAsync("/f", offset: -1));
    }

    [Fact]
    public async Task An_open_file_stays_what_it_is()
    {
        var context = await NewContextAsync();
        await context.PutAsync(("/f", "before"));
        await using var open = await Service.OpenContextFileAsync(context, "/f", cancellationToken: Token);
        await context.PutAsync(("/f", "after"));
        await Service.RemoveContextAsync(context, Token);
        (await open.ReadToEndAsync()).ShouldBe("before");
    }

    [Fact]
    public async Task A_listing_that_has_begun_is_of_one_version()
    {
        var kept = Kept();
        var context = await NewContextAsync();
        await context.ChangeAsync([.. Enumerable.Range(0, 200).Select(i => ContextFiles.Put($"/d{i:d3}/f", "1"))]);
        var listed = new List<string>();
        await foreach (var file in Service.ListContextFilesAsync(context, new AgbContextFileQuery { Recurse = true }, Token))
        {
            if (listed.Count == 10)
            {
                await Service.ClearContextAsync(context, cancellationToken: Token);
                await Service.RemoveContextAsync(context, Token);
            }
            listed.Add(file.Path);
        }
        listed.Count.ShouldBe(400);
        // After the client's last byte, the server still has to close the file.
        await Eventually.HoldsAsync("files are removed after their last reader", () => Kept().SequenceEqual(kept));
    }

    [Fact]
    public async Task What_is_no_file_is_not_opened()
    {
        var context = await NewContextAsync();
        await context.ChangeAsync(ContextFiles.Put("/d/f", "1"), new AgbContextFileChange.Link("/l", "d/f"));
        (await FailsAsync(AgbErrorIds.WrongFileType, () => context.ReadAsync("/d"))).Message.ShouldContain("directory");
        (await FailsAsync(AgbErrorIds.WrongFileType, () => context.ReadAsync("/l"))).Message.ShouldContain("link");
        await FailsAsync(AgbErrorIds.WrongFileType, () => context.ReadAsync("/"));
        await FailsAsync(AgbErrorIds.FileNotFound, () => context.ReadAsync("/d/none"));
        await FailsAsync(AgbErrorIds.FileNotFound, () => context.ReadAsync("/d/f/below"));
        await FailsAsync(AgbErrorIds.FileNotFound, () => context.ReadAsync("/l/f"));
    }

    [Theory]
    [InlineData("a\nb")]
    [InlineData("Icon\r")]
    [InlineData("tab\t\u0007\u007f\u0085")]
    [InlineData("back\\slash `tick` %41 + & ?")]
    [InlineData("-rf ")]
    [InlineData(" dots..")]
    public async Task Any_name_is_stored_listed_read_and_removed(string name)
    {
        var context = await NewContextAsync();
        await context.PutAsync(($"/d/{name}/{name}", "1"), ("/d/rest", "2"));
        (await context.TreeAsync(path: "/d")).ShouldBe([$"/d/{name}/", $"/d/{name}/{name}=1", "/d/rest=2"], ignoreOrder: true);
        (await context.FileAsync($"/d/{name}")).Name.ShouldBe(name);
        (await context.ListAsync(new AgbContextFileQuery { Path = $"/d/{name}" })).ShouldHaveSingleItem().Name.ShouldBe(name);
        await context.ChangeAsync(ContextFiles.Remove($"/d/{name}/{name}"), ContextFiles.Remove($"/d/{name}"));
        (await context.TreeAsync(path: "/d")).ShouldBe(["/d/rest=2"]);
    }

    [Fact]
    public async Task Bad_questions_are_refused()
    {
        var context = await NewContextAsync();
        await context.PutAsync(("/f", "1"));
        var none = context with { Id = "SdkCtx-none" };
        await RefusesAsync(AgbErrorIds.ContextNotFound, () => none.ListAsync(new AgbContextFileQuery()));
        await RefusesAsync(AgbErrorIds.ContextNotFound, () => none.FileAsync("/f"));
        await RefusesAsync(AgbErrorIds.ContextNotFound, () => none.ReadAsync("/f"));
        await RefusesAsync(AgbErrorIds.VersionNotFound, () => context.ListAsync(new AgbContextFileQuery { Version = 2 }));
        await RefusesAsync(AgbErrorIds.VersionNotFound, () => context.FileAsync("/f", version: 0));
        await RefusesAsync(AgbErrorIds.InvalidRequest, () => context.ListAsync(new AgbContextFileQuery { Skip = -1 }));
        foreach (var path in (string[])["", "relative", "/a/../b", "/a\0b"])
        {
            await RefusesAsync(AgbErrorIds.InvalidPath, () => context.ListAsync(new AgbContextFileQuery { Path = path }));
            await RefusesAsync(AgbErrorIds.InvalidPath, () => context.FileAsync(path));
            await RefusesAsync(AgbErrorIds.InvalidPath, () => context.ReadAsync(path));
        }
    }
}
