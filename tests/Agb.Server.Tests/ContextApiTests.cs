using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Agb.Protocol;
using Agb.Server.Tests.Support;

namespace Agb.Server.Tests;

public sealed class ContextApiTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_context_is_made_once_and_found_by_id_and_by_name()
    {
        await using var server = await TestServer.StartAsync();
        await server.RefusesAsync(HttpMethod.Get, "/sdk/GetContext?name=a+b&allowCreate=false", null, AgbErrorIds.ContextNotFound);

        var made = await GetAsync(server, "name=a+b&allowCreate=true&loginRegionId=cn-hangzhou");

        made.State.ShouldBe("available");
        made.Name.ShouldBe("a b");
        made.CreateTime!.ShouldEndWith("Z");
        (await GetAsync(server, "name=a+b&allowCreate=true")).Id.ShouldBe(made.Id);
        (await GetAsync(server, "name=a+b&allowCreate=false")).Id.ShouldBe(made.Id);
        (await GetAsync(server, $"id={made.Id}&allowCreate=false")).Id.ShouldBe(made.Id);
        await server.RefusesAsync(HttpMethod.Get, "/sdk/GetContext?id=a+b", null, AgbErrorIds.ContextNotFound);
        await server.RefusesAsync(HttpMethod.Get, "/sdk/GetContext?allowCreate=true", null, AgbErrorIds.InvalidRequest);
    }

    [Fact]
    public async Task Contexts_are_renamed_cleared_and_deleted()
    {
        await using var server = await TestServer.StartAsync();
        var made = await GetAsync(server, "name=a&allowCreate=true");

        await server.CallAsync(HttpMethod.Post, $"/sdk/ModifyContext?id={made.Id}&name=b", "{}");
        (await GetAsync(server, $"id={made.Id}")).Name.ShouldBe("b");
        await server.CallAsync(HttpMethod.Post, $"/sdk/ClearContext?id={made.Id}");
        await server.CallAsync(HttpMethod.Post, $"/sdk/DeleteContext?id={made.Id}");

        await server.RefusesAsync(HttpMethod.Get, $"/sdk/GetContext?id={made.Id}", null, AgbErrorIds.ContextNotFound);
        await server.RefusesAsync(HttpMethod.Post, "/sdk/ClearContext?id=SdkCtx-none", null, AgbErrorIds.ContextNotFound);
    }

    [Fact]
    public async Task Contexts_are_listed_in_pages()
    {
        await using var server = await TestServer.StartAsync();
        for (var i = 0; i < 12; i++)
        {
            await GetAsync(server, $"name=c{i:00}&allowCreate=true");
        }

        var first = await server.CallAsync(HttpMethod.Get, "/sdk/ListContexts");
        var second = await server.CallAsync(HttpMethod.Get, $"/sdk/ListContexts?maxResults=10&nextToken={first.NextToken}");

        first.TotalCount.ShouldBe(12);
        first.DataAs(WireJson.Default.IReadOnlyListContextData)!.Count.ShouldBe(10);
        second.DataAs(WireJson.Default.IReadOnlyListContextData)!.Select(c => c.Name).ShouldBe(["c10", "c11"]);
        second.NextToken.ShouldBe("");
    }

    [Fact]
    public async Task A_file_goes_up_and_comes_down_by_presigned_URLs()
    {
        await using var server = await TestServer.StartAsync();
        var context = await GetAsync(server, "name=a&allowCreate=true");
        using var anonymous = new HttpClient();
        var content = new byte[300_000];
        new Random(7).NextBytes(content);

        var put = await anonymous.PutAsync(await UrlAsync(server, "Upload", context, "/tmp/ü b.bin"), new ByteArrayContent(content), Token);
        var url = await UrlAsync(server, "Download", context, "/tmp/ü b.bin");
        var got = await anonymous.GetAsync(url, Token);
        var head = await anonymous.SendAsync(new HttpRequestMessage(HttpMethod.Head, url), Token);

        put.StatusCode.ShouldBe(HttpStatusCode.OK);
        got.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await got.Content.ReadAsByteArrayAsync(Token)).ShouldBe(content);
        got.Headers.ETag.ShouldBe(put.Headers.ETag);
        head.Content.Headers.ContentLength.ShouldBe(content.Length);
        var listed = (await server.CallAsync(HttpMethod.Post, $"/sdk/DescribeContextFiles?contextId={context.Id}&parentFolderPath=/tmp&pageNumber=1&pageSize=50"));
        listed.Count.ShouldBe(1);
        listed.DataAs(WireJson.Default.IReadOnlyListContextFileEntry)!.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            f => f.FileName.ShouldBe("ü b.bin"), f => f.FilePath.ShouldBe("/tmp/ü b.bin"), f => f.Size.ShouldBe(content.Length));
    }

    [Theory]
    [InlineData("bytes=0-9", 206, 0, 10)]
    [InlineData("bytes=90-", 206, 90, 10)]
    [InlineData("bytes=-5", 206, 95, 5)]
    [InlineData("bytes=95-1000", 206, 95, 5)]
    [InlineData("bytes=100-", 416, 0, 0)]
    [InlineData("bytes=0-1,5-6", 200, 0, 100)]
    [InlineData("nonsense", 200, 0, 100)]
    public async Task A_part_of_a_file_can_be_asked_for(string range, int status, int offset, int length)
    {
        await using var server = await TestServer.StartAsync();
        var (url, content) = await StoreAsync(server);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.TryAddWithoutValidation("Range", range);

        using var response = await new HttpClient().SendAsync(request, Token);

        ((int)response.StatusCode).ShouldBe(status);
        (await response.Content.ReadAsByteArrayAsync(Token)).ShouldBe(content[offset..(offset + length)]);
        response.Content.Headers.ContentRange?.ToString().ShouldBe(status == 206 ? $"bytes {offset}-{offset + length - 1}/100" : "bytes */100");
    }

    [Fact]
    public async Task A_client_that_has_the_content_is_told_so_and_one_that_has_another_gets_it_whole()
    {
        await using var server = await TestServer.StartAsync();
        var (url, content) = await StoreAsync(server);
        using var client = new HttpClient();
        var etag = (await client.GetAsync(url, Token)).Headers.ETag!;

        using var same = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { IfNoneMatch = { etag } } };
        using var other = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { IfRange = new RangeConditionHeaderValue("\"other\""), Range = new RangeHeaderValue(0, 1) } };
        using var right = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { IfRange = new RangeConditionHeaderValue(etag), Range = new RangeHeaderValue(0, 1) } };

        (await client.SendAsync(same, Token)).StatusCode.ShouldBe(HttpStatusCode.NotModified);
        (await (await client.SendAsync(other, Token)).Content.ReadAsByteArrayAsync(Token)).ShouldBe(content);
        (await (await client.SendAsync(right, Token)).Content.ReadAsByteArrayAsync(Token)).ShouldBe(content[..2]);
    }

    [Fact]
    public async Task A_URL_is_good_for_its_file_its_method_and_its_time_only()
    {
        var clock = new TestClock();
        await using var server = await TestServer.StartAsync(o => o with { TimeProvider = clock });
        var context = await GetAsync(server, "name=a&allowCreate=true");
        using var client = new HttpClient();
        var upload = await UrlAsync(server, "Upload", context, "/a");
        var download = await UrlAsync(server, "Download", context, "/a");

        (await client.PutAsync(download, new StringContent("x"), Token)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await client.GetAsync(upload, Token)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await client.PutAsync(upload.Replace("path=%2Fa", "path=%2Fb"), new StringContent("x"), Token)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await client.PutAsync(upload.Replace("expires=1", "expires=2"), new StringContent("x"), Token)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await client.PutAsync(upload[..^1], new StringContent("x"), Token)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await client.PutAsync(upload, new StringContent("x"), Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        clock.Advance(TimeSpan.FromHours(1));
        (await client.PutAsync(upload, new StringContent("x"), Token)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await server.Fake.OpenContextFileAsync(new ContextId(context.Id!), "/a", cancellationToken: Token)).File.Size.ShouldBe(1);
    }

    [Fact]
    public async Task A_missing_file_and_one_that_is_too_large_are_envelopes()
    {
        await using var server = await TestServer.StartAsync(o => o with { MaxUploadBytes = 10 });
        var context = await GetAsync(server, "name=a&allowCreate=true");

        var missing = await TestServer.SendAsync(new HttpClient(), HttpMethod.Get, await UrlAsync(server, "Download", context, "/none"));
        var large = await new HttpClient().PutAsync(await UrlAsync(server, "Upload", context, "/a"), new ByteArrayContent(new byte[11]), Token);

        missing.Status.ShouldBe(404);
        missing.Envelope.Code.ShouldBe(AgbErrorIds.FileNotFound);
        large.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        Envelope.Read(await large.Content.ReadAsByteArrayAsync(Token)).Success.ShouldBeFalse();
    }

    [Fact]
    public async Task A_file_is_deleted()
    {
        await using var server = await TestServer.StartAsync();
        var (_, _) = await StoreAsync(server);
        var context = await GetAsync(server, "name=stored&allowCreate=true");

        await server.CallAsync(HttpMethod.Post, $"/sdk/DeleteContextFile?contextId={context.Id}&filePath=/data/file");

        await server.RefusesAsync(HttpMethod.Post, $"/sdk/DeleteContextFile?contextId={context.Id}&filePath=/data/file", null, AgbErrorIds.FileNotFound);
        (await server.CallAsync(HttpMethod.Post, $"/sdk/DescribeContextFiles?contextId={context.Id}&parentFolderPath=/data")).Data!.Value.GetRawText().ShouldBe("[]");
    }

    [Fact]
    public async Task Long_lists_of_files_come_in_pages()
    {
        await using var server = await TestServer.StartAsync();
        var context = await GetAsync(server, "name=a&allowCreate=true");
        await server.Fake.ChangeContextFilesAsync(
            new ContextId(context.Id!), Enumerable.Range(0, 7).Select(i => new AgbContextFileChange.Put($"/d/{i}", _ => Task.FromResult<Stream>(new MemoryStream()))).ToAsyncEnumerable(), Token);

        var last = await server.CallAsync(HttpMethod.Post, $"/sdk/DescribeContextFiles?contextId={context.Id}&parentFolderPath=/d/&pageNumber=3&pageSize=3");

        last.DataAs(WireJson.Default.IReadOnlyListContextFileEntry)!.Select(f => f.FileName).ShouldBe(["6"]);
        last.Count.ShouldBe(7);
    }

    private static async Task<ContextData> GetAsync(TestServer server, string query) =>
        (await server.CallAsync(HttpMethod.Get, "/sdk/GetContext?" + query)).DataAs(WireJson.Default.ContextData)!;

    private static async Task<string> UrlAsync(TestServer server, string direction, ContextData context, string path) =>
        (await server.CallAsync(HttpMethod.Post, $"/sdk/GetContextFile{direction}Url?contextId={context.Id}&filePath={Uri.EscapeDataString(path)}"))
            .DataAs(WireJson.Default.FileUrlData)!.Url!;

    private static async Task<(string Url, byte[] Content)> StoreAsync(TestServer server)
    {
        var context = await GetAsync(server, "name=stored&allowCreate=true");
        var content = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 100).Select(i => (char)('0' + (i % 75)))));
        (await new HttpClient().PutAsync(await UrlAsync(server, "Upload", context, "/data/file"), new ByteArrayContent(content), Token)).EnsureSuccessStatusCode();
        return (await UrlAsync(server, "Download", context, "/data/file"), content);
    }
}
