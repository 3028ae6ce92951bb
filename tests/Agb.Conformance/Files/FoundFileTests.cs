namespace Agb.Conformance.Files;

/// <summary>Tests of finding a file by the context's name or id, in one call.</summary>
[RunsOn(Services.Overlay | Services.Copy | Services.Server)]
public sealed class FoundFileTests : ServiceTest
{
    [Fact]
    public async Task A_file_is_found_by_the_name_and_the_id_of_its_context()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/home/data", "echo text >file; mkdir directory");
        var service = context.Service!;
        var token = TestContext.Current.CancellationToken;
        foreach (var name in new[] { context.Name, context.Id })
        {
            var file = await service.FindContextFileAsync(name, "/home/data/file", token);
            file.ContextId.ShouldBe(context.Id);
            file.Path.ShouldBe("/home/data/file");
            file.Size.ShouldBe(5);
            (await service.FindContextFileAsync(name, "/home/data/directory", token)).Type.ShouldBe(AgbFileType.Directory);
            (await Should.ThrowAsync<AgbException>(() => service.FindContextFileAsync(name, "/home/data/none", token))).ErrorId.ShouldBe(AgbErrorIds.FileNotFound);
            (await Should.ThrowAsync<AgbException>(() => service.FindContextFileAsync(name, "relative", token))).ErrorId.ShouldBe(AgbErrorIds.InvalidPath);
        }
        (await Should.ThrowAsync<AgbException>(() => service.FindContextFileAsync("no such context", "/file", token))).ErrorId.ShouldBe(AgbErrorIds.ContextNotFound);
    }
}
