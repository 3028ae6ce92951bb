namespace Agb.Engine.Tests.Sandbox;

public sealed class ImageCatalogTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("agb-test-").FullName;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public void Has_the_built_in_images()
    {
        var catalog = ImageCatalog.Load(_home);
        catalog.Images.Select(i => i.ImageId).ShouldBe(["agb-browser-use-1", "agb-code-space-1", "agb-code-space-2", "agb-computer-use-1", "agb-computer-use-ubuntu-2204"]);
        foreach (var image in catalog.Images)
        {
            image.Root.ShouldBe("/");
            image.Environment["AGB_IMAGE_ID"].ShouldBe(image.ImageId);
            image.Environment["HOME"].ShouldBe(image.HomeDirectory);
            image.Description.ShouldNotBeNullOrEmpty();
        }
        catalog.Get("agb-browser-use-1").HomeDirectory.ShouldBe("/home/browser");
    }

    [Fact]
    public void Adds_and_redefines_images_from_the_file()
    {
        Write("""
            {"images": [ // comments are fine
              {"imageId": "mine", "homeDirectory": "/home/me/", "environment": {"A": "1"}, "description": "My own.", "hasBrowser": true},
              {"imageId": "agb-code-space-1", "homeDirectory": "/root"},
            ]}
            """);
        var catalog = ImageCatalog.Load(_home);
        var mine = catalog.Get("mine");
        mine.HomeDirectory.ShouldBe("/home/me");
        (mine.HasBrowser, mine.HasDesktop).ShouldBe((true, false));
        mine.Environment.ShouldBe(new Dictionary<string, string> { ["AGB_IMAGE_ID"] = "mine", ["HOME"] = "/home/me", ["A"] = "1" }, ignoreOrder: true);
        catalog.Get("agb-code-space-1").HomeDirectory.ShouldBe("/root");
    }

    [Fact]
    public void Names_the_known_images_when_one_is_not()
    {
        var error = Should.Throw<AgbException>(() => ImageCatalog.Load(_home).Get("agb-code-space-9"));
        error.ErrorId.ShouldBe(AgbErrorIds.ImageNotFound);
        error.Message.ShouldContain("agb-browser-use-1, agb-code-space-1, agb-code-space-2");
    }

    [Theory]
    [InlineData("{", "not valid")]
    [InlineData("[]", "not valid")]
    [InlineData("{}", "'images'")]
    [InlineData("""{"images": [null]}""", "'imageId'")]
    [InlineData("""{"images": [{"root": "/"}]}""", "'imageId'")]
    [InlineData("""{"images": [{"imageId": "a", "rooot": "/"}]}""", "rooot")]
    [InlineData("""{"images": [{"imageId": "a"}, {"imageId": "a"}]}""", "twice")]
    [InlineData("""{"images": [{"imageId": "a", "root": "/no/such"}]}""", "/no/such")]
    [InlineData("""{"images": [{"imageId": "a", "root": "relative"}]}""", "relative")]
    [InlineData("""{"images": [{"imageId": "a", "homeDirectory": "/usr/x"}]}""", "/usr/x")]
    [InlineData("""{"images": [{"imageId": "a", "homeDirectory": "/home"}]}""", "/home")]
    [InlineData("""{"images": [{"imageId": "a", "homeDirectory": "/home/a:b"}]}""", "colon")]
    [InlineData("""{"images": [{"imageId": "a", "environment": {"A=B": "1"}}]}""", "A=B")]
    public void Says_what_is_wrong_in_the_file(string json, string expected)
    {
        Write(json);
        var error = Should.Throw<AgbException>(() => ImageCatalog.Load(_home));
        error.ErrorId.ShouldBe(AgbErrorIds.InvalidImage);
        error.Message.ShouldContain(Path.Combine(_home, "images.json"));
        error.Message.ShouldContain(expected);
        error.Remedy.ShouldNotBeNull();
    }

    private void Write(string json) => File.WriteAllText(Path.Combine(_home, "images.json"), json);
}
