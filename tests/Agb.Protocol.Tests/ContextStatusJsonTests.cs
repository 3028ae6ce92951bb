using System.Text.Json;

namespace Agb.Protocol.Tests;

public sealed class ContextStatusJsonTests
{
    private const string Golden =
        """[{"type":"data","data":"[{\"contextId\":\"SdkCtx-1\",\"path\":\"/home/project\",\"errorMessage\":\"\",\"status\":\"Success\",\"startTime\":1760000000,\"finishTime\":1760000002,\"taskType\":\"download\"}]"}]""";

    private static readonly AgbSyncStatus s_task = new()
    {
        SessionId = "s-1",
        ContextId = "SdkCtx-1",
        Path = "/home/project",
        TaskType = AgbSyncTaskType.Download,
        Status = AgbSyncTaskStatus.Success,
        StartTime = DateTimeOffset.FromUnixTimeSeconds(1760000000),
        FinishTime = DateTimeOffset.FromUnixTimeSeconds(1760000002),
    };

    [Fact]
    public void Tasks_are_encoded_twice()
    {
        var written = ContextStatusJson.Write([SyncTaskItem.From(s_task)]);

        using var document = JsonDocument.Parse(written);
        using var expected = JsonDocument.Parse(Golden);
        document.RootElement[0].GetProperty("type").GetString().ShouldBe("data");
        document.RootElement[0].GetProperty("data").GetString().ShouldBe(expected.RootElement[0].GetProperty("data").GetString());
    }

    [Fact]
    public void The_protocols_example_is_read()
    {
        var task = ContextStatusJson.Read(Golden).ShouldHaveSingleItem().ToStatus("s-1", null);

        task.ShouldBe(s_task);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""[{"type":"other","data":"[{}]"}]""")]
    [InlineData("""[null,{"type":"data"},{"type":"data","data":""}]""")]
    public void What_holds_no_task_has_none(string? status) => ContextStatusJson.Read(status).ShouldBeEmpty();

    [Theory]
    [InlineData("{}")]
    [InlineData("""[{"type":"data","data":"{"}]""")]
    [InlineData("""[{"type":"data","data":[]}]""")]
    public void What_is_malformed_is_a_typed_error(string status) =>
        Should.Throw<AgbException>(() => ContextStatusJson.Read(status)).ErrorId.ShouldBe(AgbErrorIds.InvalidRequest);

    [Fact]
    public void Words_other_than_the_two_ends_mean_that_the_task_is_under_way() =>
        new SyncTaskItem { TaskType = "upload", Status = "whatever" }.ToStatus("s-1", null)!.Status.ShouldBe(AgbSyncTaskStatus.Running);
}
