using System.Globalization;
using System.Text;
using Agb.Cloud.Tests.Support;

namespace Agb.Cloud.Tests.Plain;

/// <summary>Files of contexts by the plain AGB API.</summary>
public sealed class ContextFileTests : PlainTest
{
    private const string Describe = "/sdk/DescribeContextFiles";
    private readonly SortedDictionary<string, string> _files = new(StringComparer.Ordinal);

    [Fact]
    public async Task A_directory_is_listed_by_name_over_all_pages()
    {
        var names = Enumerable.Range(0, 120).Select(i => $"/d/f{i:000}").ToArray();
        OnListing(names.Reverse());
        (await ListAsync("/d")).Select(f => f.Path).ShouldBe(names);
        Fake.Of(Describe).Select(s => (s.Query["pageNumber"], s.Query["pageSize"], s.Query["parentFolderPath"])).ShouldBe(
            [("1", "50", "/d"), ("2", "50", "/d"), ("3", "50", "/d")]);
        (await Service.ListContextFilesAsync(new ContextId("c"), new AgbContextFileQuery { Path = "/d", Skip = 118 }, Token).ToListAsync(Token)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_service_that_does_not_know_pages_is_not_asked_for_ever()
    {
        var names = Enumerable.Range(0, 50).Select(i => $"/d/f{i:00}").ToArray();
        Fake.On(Describe, FakeAgb.Envelope($"[{string.Join(',', names.Select(n => Entry(n)))}]"));
        (await ListAsync("/d")).Count.ShouldBe(50);
        Fake.Of(Describe).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_count_ends_a_list_whose_last_page_is_full()
    {
        Fake.On(Describe, FakeAgb.Envelope($"[{string.Join(',', Enumerable.Range(0, 50).Select(i => Entry($"/d/f{i:00}")))}]", ",\"count\":50"));
        (await ListAsync("/d")).Count.ShouldBe(50);
        Fake.Of(Describe).Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_entry_tells_all_that_the_service_does()
    {
        Fake.Ok(Describe, """
            [{"fileId":"x","fileName":"a.txt","filePath":"/d/a.txt","fileType":"txt","gmtCreate":"2026-01-02T03:04:05Z","gmtModified":"2026-01-02T03:04:06Z","size":7,"status":"ready"},
             {"fileName":"sub","filePath":"/d/sub/","fileType":"folder"},{"fileName":"bare"},{"fileName":"deep","filePath":"/d/sub/deep"},null]
            """);
        var files = await ListAsync("/d");
        files.Select(f => (f.Path, f.Name, f.Type, f.Size)).ShouldBe(
            [("/d/a.txt", "a.txt", AgbFileType.File, 7), ("/d/bare", "bare", AgbFileType.File, 0), ("/d/sub", "sub", AgbFileType.Directory, 0)]);
        (files[0].CreatedAt.Second, files[0].ModifiedAt.Second, files[0].ContextId, files[0].Service == Service).ShouldBe((5, 6, "c", true));
    }

    [Fact]
    public async Task Recursion_asks_for_each_directory()
    {
        Fake.On(Describe, s => FakeAgb.Json(FakeAgb.Envelope(s.Query["parentFolderPath"] switch
        {
            "/" => $"[{Entry("/b")},{Entry("/a", "directory")}]",
            "/a" => $"[{Entry("/a/x", "directory")},{Entry("/a/y")}]",
            "/a/x" => $"[{Entry("/a/x/z")}]",
            _ => "[]",
        })));
        (await Service.ListContextFilesAsync(new ContextId("c"), new AgbContextFileQuery { Recurse = true }, Token).ToListAsync(Token)).Select(f => f.Path)
            .ShouldBe(["/a", "/a/x", "/a/x/z", "/a/y", "/b"]);
    }

    [Fact]
    public async Task Nothing_stored_is_empty()
    {
        Fake.Ok(Describe, "[]");
        (await ListAsync("/d")).ShouldBeEmpty();
    }

    [Fact]
    public async Task One_file_is_found_in_its_directory()
    {
        OnListing(["/d/f", "/d/g"]);
        (await Service.GetContextFileAsync(new ContextId("c"), "/d/g/", null, Token)).Path.ShouldBe("/d/g");
        (await Service.GetContextFileAsync(new ContextId("c"), "/", null, Token)).Type.ShouldBe(AgbFileType.Directory);
        var missing = await FailsAsync<AgbException>(AgbErrorIds.FileNotFound, () => Service.GetContextFileAsync(new ContextId("c"), "/d/none", null, Token));
        missing.Message.ShouldContain("/d/none");
        missing.RequestId.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task A_context_that_is_not_there_is_ContextNotFound()
    {
        Fake.On(Describe, FakeAgb.No("Context.NotFound", "gone"), 400);
        await FailsAsync<AgbServiceException>(AgbErrorIds.ContextNotFound, () => ListAsync("/d"));
    }

    [Fact]
    public async Task A_file_is_read_by_its_presigned_URL_without_the_key()
    {
        OnListing(["/d/f"]);
        OnStore();
        _files["/d/f"] = "0123456789";
        await using (var content = await Service.OpenContextFileAsync(new ContextId("c"), "/d/f", null, 0, Token))
        {
            (content.File.Path, await new StreamReader(content.Content).ReadToEndAsync(Token)).ShouldBe(("/d/f", "0123456789"));
        }
        var sent = Fake.Of("/store/d/f").ShouldHaveSingleItem();
        sent.Headers.ContainsKey("authorization").ShouldBeFalse();
        sent.Headers.ContainsKey("Range").ShouldBeFalse();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_is_read_from_an_offset_whether_the_store_knows_ranges_or_not(bool knowsRanges)
    {
        OnListing(["/d/f"]);
        OnStore(knowsRanges);
        _files["/d/f"] = "0123456789";
        await using var content = await Service.OpenContextFileAsync(new ContextId("c"), "/d/f", null, 4, Token);
        (await new StreamReader(content.Content).ReadToEndAsync(Token)).ShouldBe("456789");
        Fake.Of("/store/d/f").ShouldHaveSingleItem().Headers["Range"].ShouldBe("bytes=4-");
    }

    [Fact]
    public async Task An_offset_behind_the_end_is_empty()
    {
        OnListing(["/d/f"]);
        await using var content = await Service.OpenContextFileAsync(new ContextId("c"), "/d/f", null, 10, Token);
        content.Content.ReadByte().ShouldBe(-1);
    }

    [Fact]
    public async Task A_directory_can_not_be_opened()
    {
        Fake.Ok(Describe, $"[{Entry("/d/sub", "directory")}]");
        await FailsAsync<AgbException>(AgbErrorIds.WrongFileType, () => Service.OpenContextFileAsync(new ContextId("c"), "/d/sub", null, 0, Token));
    }

    [Fact]
    public async Task A_store_that_says_no_is_told_without_the_URL()
    {
        OnListing(["/d/f"]);
        Fake.Ok("/sdk/GetContextFileDownloadUrl", """{"url":"https://agb.example/store/d/f?Signature=abc"}""");
        Fake.On("/store/d/f", "<Error/>", 403);
        var error = await FailsAsync<AgbServiceException>(AgbErrorIds.ServiceRefused, () => Service.OpenContextFileAsync(new ContextId("c"), "/d/f", null, 0, Token));
        error.HttpStatus.ShouldBe(403);
        error.ToString().ShouldNotContain("abc");
        error.RequestId.ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_is_written_with_its_length_by_its_presigned_URL(bool canSeek)
    {
        OnStore();
        var change = new AgbContextFileChange.Put("/d/new", _ => Task.FromResult<Stream>(
            canSeek ? new MemoryStream(Encoding.UTF8.GetBytes("content")) : new OneWayStream(Encoding.UTF8.GetBytes("content"))));
        (await Service.ChangeContextFilesAsync(new ContextId("c"), Changes(change), Token)).ShouldBeNull();
        _files["/d/new"].ShouldBe("content");
        var sent = Fake.Of("/store/d/new").ShouldHaveSingleItem();
        (sent.Method, sent.Headers["Content-Length"], sent.Headers.ContainsKey("authorization"), sent.Headers.ContainsKey("Content-Type"))
            .ShouldBe(("PUT", "7", false, false));
        Fake.Of("/sdk/GetContextFileUploadUrl").ShouldHaveSingleItem().Query["filePath"].ShouldBe("/d/new");
    }

    [Fact]
    public async Task A_content_that_can_not_be_read_is_the_callers_error()
    {
        OnStore();
        var change = new AgbContextFileChange.Put("/d/new", _ => throw new FileNotFoundException("local file"));
        var error = await FailsAsync<AgbException>(AgbErrorIds.UnexpectedError, () => Service.ChangeContextFilesAsync(new ContextId("c"), Changes(change), Token));
        error.Message.ShouldContain("/d/new");
        error.Message.ShouldContain("local file");
    }

    [Fact]
    public async Task A_file_is_removed_when_it_is_there()
    {
        OnListing(["/d/f"]);
        Fake.On("/sdk/DeleteContextFile", FakeAgb.Envelope());
        await Service.ChangeContextFilesAsync(new ContextId("c"), Changes(new AgbContextFileChange.Remove("/d/f")), Token);
        Fake.Of("/sdk/DeleteContextFile").ShouldHaveSingleItem().Query["filePath"].ShouldBe("/d/f");
        await FailsAsync<AgbException>(
            AgbErrorIds.FileNotFound, () => Service.ChangeContextFilesAsync(new ContextId("c"), Changes(new AgbContextFileChange.Remove("/d/none")), Token));
    }

    [Fact]
    public async Task A_directory_is_removed_with_its_content_only_when_asked_to()
    {
        Fake.On(Describe, s => FakeAgb.Json(FakeAgb.Envelope(s.Query["parentFolderPath"] switch
        {
            "/" => $"[{Entry("/d", "directory")}]",
            "/d" => $"[{Entry("/d/a")},{Entry("/d/s", "directory")}]",
            "/d/s" => $"[{Entry("/d/s/b")}]",
            _ => "[]",
        })));
        // This store has no directories of its own.
        Fake.On("/sdk/DeleteContextFile", s => FakeAgb.Json(s.Query["filePath"] is "/d" or "/d/s" ? FakeAgb.No("File.NotFound", "none") : FakeAgb.Envelope()));
        await FailsAsync<AgbException>(
            AgbErrorIds.WrongFileType, () => Service.ChangeContextFilesAsync(new ContextId("c"), Changes(new AgbContextFileChange.Remove("/d")), Token));
        Fake.Of("/sdk/DeleteContextFile").ShouldBeEmpty();
        await Service.ChangeContextFilesAsync(new ContextId("c"), Changes(new AgbContextFileChange.Remove("/d", Recurse: true)), Token);
        Fake.Of("/sdk/DeleteContextFile").Select(s => s.Query["filePath"]).ShouldBe(["/d/s/b", "/d/s", "/d/a", "/d"]);
    }

    [Fact]
    public async Task Directories_and_links_can_not_be_made()
    {
        await FailsAsync<AgbException>(
            AgbErrorIds.NotSupported, () => Service.ChangeContextFilesAsync(new ContextId("c"), Changes(new AgbContextFileChange.MakeDirectory("/d")), Token));
        await FailsAsync<AgbException>(
            AgbErrorIds.NotSupported, () => Service.ChangeContextFilesAsync(new ContextId("c"), Changes(new AgbContextFileChange.Link("/d", "/e")), Token));
        Fake.Calls.ShouldBeEmpty();
    }

    private static string Entry(string path, string type = "file") =>
        $$"""{"fileName":"{{path[(path.LastIndexOf('/') + 1)..]}}","filePath":"{{path}}","fileType":"{{type}}","size":10}""";

    private static IAsyncEnumerable<AgbContextFileChange> Changes(params AgbContextFileChange[] changes) => changes.ToAsyncEnumerable();

    private async Task<List<AgbContextFile>> ListAsync(string path) =>
        await Service.ListContextFilesAsync(new ContextId("c"), new AgbContextFileQuery { Path = path }, Token).ToListAsync(Token);

    // Answers with pages of the files that lie right in the directory.
    private void OnListing(IEnumerable<string> paths)
    {
        var all = paths.ToArray();
        Fake.On(Describe, s =>
        {
            var (page, size) = (int.Parse(s.Query["pageNumber"], CultureInfo.InvariantCulture), int.Parse(s.Query["pageSize"], CultureInfo.InvariantCulture));
            var parent = s.Query["parentFolderPath"];
            var entries = all.Where(p => p[..p.LastIndexOf('/')] == parent).Skip((page - 1) * size).Take(size).Select(p => Entry(p));
            return FakeAgb.Json(FakeAgb.Envelope($"[{string.Join(',', entries)}]"));
        });
    }

    private void OnStore(bool knowsRanges = true)
    {
        foreach (var kind in (string[])["Download", "Upload"])
        {
            Fake.On($"/sdk/GetContextFile{kind}Url", s =>
            {
                var path = s.Query["filePath"];
                Fake.On("/store" + path, sent => Store(path, sent, knowsRanges));
                return FakeAgb.Json(FakeAgb.Envelope($$"""{"url":"https://agb.example/store{{path}}?Signature=abc","expireTime":3600}"""));
            });
        }
    }

    private HttpResponseMessage Store(string path, Sent sent, bool knowsRanges)
    {
        if (sent.Method == "PUT")
        {
            _files[path] = sent.Body;
            return FakeAgb.Json("");
        }
        var from = knowsRanges && sent.Headers.TryGetValue("Range", out var range)
            ? int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture)
            : 0;
        return FakeAgb.Json(_files[path][from..], from > 0 ? 206 : 200);
    }

    private sealed class OneWayStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
