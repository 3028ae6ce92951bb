using System.Net;
using System.Text;
using Agb.Protocol;
using Agb.Server.Tests.Support;

namespace Agb.Server.Tests;

/// <summary>The internal context of file transfers, with a service whose sessions are this machine.</summary>
public sealed class TransferTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("agb-transfer-").FullName;
    private readonly HttpClient _anonymous = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _anonymous.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_file_goes_into_a_session_as_the_official_clients_send_it()
    {
        await using var server = await TestServer.StartAsync();
        var (session, context) = await PrepareAsync(server);
        var folder = _directory + "/sub d";
        var content = new byte[5_000_000];
        new Random(3).NextBytes(content);

        (await PutAsync(server, context, folder + "/a 'ü.bin", content)).StatusCode.ShouldBe(HttpStatusCode.OK);
        var task = await SyncAsync(server, session, context, folder, "download");

        task.ShouldSatisfyAllConditions(
            t => t.Status.ShouldBe("Success", t.ErrorMessage), t => t.Path.ShouldBe(folder), t => t.ErrorMessage.ShouldBe(""), t => t.ContextId.ShouldBe(context));
        (await File.ReadAllBytesAsync(folder + "/a 'ü.bin", Token)).ShouldBe(content);
        Directory.GetFiles(folder).ShouldHaveSingleItem();

        // As the TypeScript client does; the live file stays.
        await server.CallAsync(HttpMethod.Post, $"/sdk/DeleteContextFile?contextId={context}&filePath={Uri.EscapeDataString(folder + "/a 'ü.bin")}");
        File.Exists(folder + "/a 'ü.bin").ShouldBeTrue();
    }

    [Fact]
    public async Task Only_what_is_below_the_directory_is_taken_in()
    {
        await using var server = await TestServer.StartAsync();
        var (session, context) = await PrepareAsync(server);
        await PutAsync(server, context, _directory + "/a/1", "1"u8.ToArray());
        await PutAsync(server, context, _directory + "/ab/2", "2"u8.ToArray());

        await SyncAsync(server, session, context, _directory + "/a", "download");

        File.Exists(_directory + "/a/1").ShouldBeTrue();
        File.Exists(_directory + "/ab/2").ShouldBeFalse();
        (await server.CallAsync(HttpMethod.Post, $"/sdk/DescribeContextFiles?contextId={context}&parentFolderPath={_directory}/ab"))
            .DataAs(WireJson.Default.IReadOnlyListContextFileEntry)!.ShouldHaveSingleItem().FileName.ShouldBe("2");
    }

    [Fact]
    public async Task A_file_comes_out_of_a_session_in_slices()
    {
        await using var server = await TestServer.StartAsync();
        var (session, context) = await PrepareAsync(server);
        var content = new byte[9_500_000];
        new Random(4).NextBytes(content);
        await File.WriteAllBytesAsync(_directory + "/out.bin", content, Token);

        (await SyncAsync(server, session, context, _directory, "upload")).Status.ShouldBe("Success");
        var url = await UrlAsync(server, "Download", context, _directory + "/out.bin");
        using var part = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new System.Net.Http.Headers.RangeHeaderValue(4_194_000, 8_500_000) } };

        (await _anonymous.GetByteArrayAsync(url, Token)).ShouldBe(content);
        (await (await _anonymous.SendAsync(part, Token)).Content.ReadAsByteArrayAsync(Token)).ShouldBe(content[4_194_000..8_500_001]);
    }

    [Fact]
    public async Task An_empty_file_goes_both_ways()
    {
        await using var server = await TestServer.StartAsync();
        var (session, context) = await PrepareAsync(server);
        await PutAsync(server, context, _directory + "/empty", []);

        await SyncAsync(server, session, context, _directory, "download");

        (await _anonymous.GetByteArrayAsync(await UrlAsync(server, "Download", context, _directory + "/empty"), Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_waits_can_be_read_before_the_session_has_it()
    {
        await using var server = await TestServer.StartAsync();
        var (_, context) = await PrepareAsync(server);
        await PutAsync(server, context, _directory + "/waits", "hello"u8.ToArray());

        (await _anonymous.GetStringAsync(await UrlAsync(server, "Download", context, _directory + "/waits"), Token)).ShouldBe("hello");
    }

    [Fact]
    public async Task A_missing_directory_fails_the_task_with_its_reason_and_a_later_success_is_alone()
    {
        await using var server = await TestServer.StartAsync();
        var (session, context) = await PrepareAsync(server);
        var folder = _directory + "/later";

        var failed = await SyncAsync(server, session, context, folder, "upload");
        await SyncAsync(server, session, context, folder, "download");
        var after = await server.TasksAsync(session, $"&contextId={context}&path={folder}");

        failed.Status.ShouldBe("Failed");
        failed.ErrorMessage!.ShouldContain(folder);
        after.ShouldHaveSingleItem().TaskType.ShouldBe("download");
    }

    [Fact]
    public async Task Missing_files_directories_and_devices_are_not_found()
    {
        await using var server = await TestServer.StartAsync();
        var (_, context) = await PrepareAsync(server);
        foreach (var path in new[] { _directory + "/none", _directory, "/dev/zero" })
        {
            var (status, envelope, _) = await TestServer.SendAsync(_anonymous, HttpMethod.Get, await UrlAsync(server, "Download", context, path));

            status.ShouldBe(404, path);
            envelope.Code.ShouldBe(AgbErrorIds.FileNotFound);
        }
    }

    [Fact]
    public async Task Nothing_is_left_when_the_session_is_gone()
    {
        await using var server = await TestServer.StartAsync();
        var (session, context) = await PrepareAsync(server);
        await PutAsync(server, context, _directory + "/waits", "hello"u8.ToArray());
        Directory.GetFiles(server.Data, "*", SearchOption.AllDirectories).ShouldContain(f => f.Contains(session, StringComparison.Ordinal));

        await server.CallAsync(HttpMethod.Post, "/mcp/releaseSession", $$"""{"sessionId":"{{session}}"}""");

        Directory.GetFileSystemEntries(server.Data, "*", SearchOption.AllDirectories).ShouldNotContain(f => f.Contains(session, StringComparison.Ordinal));
        await server.RefusesAsync(HttpMethod.Post, $"/sdk/GetContextFileDownloadUrl?contextId={context}&filePath=/a", null, AgbErrorIds.SessionNotFound);
    }

    private static async Task<(string Session, string Context)> PrepareAsync(TestServer server)
    {
        var session = (await server.CreateSessionAsync()).SessionId!;
        var context = (await server.CallAsync(HttpMethod.Post, $"/sdk/GetAndLoadInternalContext?sessionId={session}&contextTypes=%5B%22file_transfer%22%5D"))
            .DataAs(WireJson.Default.IReadOnlyListInternalContext)!.ShouldHaveSingleItem();
        context.ContextPath.ShouldBe("/tmp/file_transfer");
        context.ContextType.ShouldBe("file_transfer");
        return (session, context.ContextId!);
    }

    private static async Task<string> UrlAsync(TestServer server, string direction, string context, string path) =>
        (await server.CallAsync(HttpMethod.Post, $"/sdk/GetContextFile{direction}Url?contextId={context}&filePath={Uri.EscapeDataString(path)}"))
            .DataAs(WireJson.Default.FileUrlData)!.Url!;

    private static async Task<SyncTaskItem> SyncAsync(TestServer server, string session, string context, string path, string mode)
    {
        await server.CallAsync(HttpMethod.Post, $"/sdk/SyncContext?sessionId={session}&contextId={context}&path={Uri.EscapeDataString(path)}&mode={mode}");
        for (; ; )
        {
            // The task is there from the first look on.
            var task = (await server.TasksAsync(session, $"&contextId={context}&path={Uri.EscapeDataString(path)}&taskType={mode}")).ShouldHaveSingleItem();
            if (task.Status is "Success" or "Failed")
            {
                return task;
            }
            await Task.Delay(10, Token);
        }
    }

    private async Task<HttpResponseMessage> PutAsync(TestServer server, string context, string path, byte[] content) =>
        await _anonymous.PutAsync(await UrlAsync(server, "Upload", context, path), new ByteArrayContent(content), Token);
}
