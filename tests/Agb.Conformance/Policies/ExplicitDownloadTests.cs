namespace Agb.Conformance.Policies;

/// <summary>An explicit download changes what differs, keeps what the session changed unless it is told not to, and says what
/// it did.</summary>
public abstract class ExplicitDownloadTests(ServiceFixture fixture) : ServiceTest(fixture)
{
    private const string Path = "/home/data";

    [Fact]
    public async Task A_forced_download_makes_stored_files_what_they_are_stored_as()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir -p d gone; echo 0 >both; echo 0 >mine; echo 0 >lost; echo 0 >d/f; echo 0 >gone/g; echo 0 >same; ln -s a link");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "echo mine >both; echo mine >mine; rm lost; rm -r d; echo mine >gone/g; ln -sfn b link; echo mine >new", Path);
        await FillAsync(context, Path, "echo theirs >both; rm -r gone");
        var task = await ForceAsync(session);
        (await TreeAsync(session, Path)).ShouldBe(["both=theirs", "d/", "d/f=0", "link->a", "lost=0", "mine=0", "new=mine", "same=0"]);
        task.Skipped.ShouldBeEmpty();
        task.Files.ShouldBe(6);
        (await UploadAsync(session)).Files.ShouldBe(1);
        (await StoredAsync(context, Path)).ShouldBe(["both=theirs", "d/", "d/f=0", "link->a", "lost=0", "mine=0", "new=mine", "same=0"]);
    }

    [Fact]
    public async Task A_forced_download_keeps_what_the_session_made_where_it_had_uploaded_a_deletion()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir d e; echo 0 >f; echo 0 >d/g; echo 0 >same");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "rm -r f d e", Path);
        await UploadAsync(session);
        await ShellAsync(session, "mkdir d; echo mine >f; echo mine >d/g; echo mine >e", Path);
        (await ForceAsync(session)).Files.ShouldBe(0);
        (await TreeAsync(session, Path)).ShouldBe(["d/", "d/g=mine", "e=mine", "f=mine", "same=0"]);
    }

    [Fact]
    public async Task A_forced_download_keeps_a_directory_where_a_file_is_stored_and_says_so()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "echo 0 >f");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "rm f; mkdir f; echo mine >f/g", Path);
        var task = await ForceAsync(session);
        task.Skipped.ShouldHaveSingleItem().ShouldStartWith("f: kept");
        (await TreeAsync(session, Path)).ShouldBe(["f/", "f/g=mine"]);
    }

    [Fact]
    public async Task A_download_does_not_bring_back_what_was_in_a_directory_that_the_session_replaced()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir d; echo 0 >d/f; echo 0 >d/g");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "rm -r d; mkdir d; echo mine >d/h", Path);
        await FillAsync(context, Path, "echo theirs >d/f; echo theirs >d/new");
        var task = await DownloadAsync(session);
        (await TreeAsync(session, Path)).ShouldBe(["d/", "d/h=mine", "d/new=theirs"]);
        task.Skipped.ShouldContain(s => s.StartsWith("d/f: kept, deleted", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_download_puts_a_directory_in_place_of_a_file_that_the_session_left_alone()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "echo 0 >f; echo 0 >g");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "echo mine >g", Path);
        await FillAsync(context, Path, "rm f g; mkdir f g; echo 1 >f/x; echo 1 >g/x");
        var task = await DownloadAsync(session);
        (await TreeAsync(session, Path)).ShouldBe(["f/", "f/x=1", "g=mine"]);
        task.Skipped.ShouldHaveSingleItem().ShouldStartWith("g: kept");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Into_a_mount_that_started_empty_the_same_holds(bool force)
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir d; echo 0 >a; echo 0 >d/f");
        var session = await StartAsync(context.At(Path, autoDownload: false));
        await ShellAsync(session, "echo mine >a", Path);
        var task = await SyncAsync(session, force);
        (await TreeAsync(session, Path)).ShouldBe([force ? "a=0" : "a=mine", "d/", "d/f=0"]);
        task.Files.ShouldBe(force ? 2 : 1);
        task.Skipped.Count.ShouldBe(force ? 0 : 1);
        await ShellAsync(session, "rm d/f", Path);
        (await SyncAsync(session, force: false)).Files.ShouldBe(0);
        (await SyncAsync(session, force: true)).Files.ShouldBe(force ? 1 : 2);
        (await TreeAsync(session, Path)).ShouldBe(["a=0", "d/", "d/f=0"]);
    }

    private Task<AgbSyncStatus> ForceAsync(AgbSession session) => SyncAsync(session, force: true);

    private async Task<AgbSyncStatus> SyncAsync(AgbSession session, bool force)
    {
        await Service.StartSyncAsync(session.SessionId, new AgbSyncRequest { Mode = AgbSyncTaskType.Download, Force = force }, Token);
        var task = (await Service.WaitSyncAsync(session.SessionId, Patience, cancellationToken: Token))
            .Single(t => t.TaskType == AgbSyncTaskType.Download);
        task.Status.ShouldBe(AgbSyncTaskStatus.Success, task.ErrorMessage);
        return task;
    }
}
