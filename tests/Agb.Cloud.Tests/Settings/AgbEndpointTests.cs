namespace Agb.Cloud.Tests.Settings;

public sealed class AgbEndpointTests
{
    [Fact]
    public void The_default_is_the_cloud() => AgbEndpoint.Default.ShouldBe("sdk-api.agb.cloud");

    [Theory]
    [InlineData("sdk-api.agb.cloud", "https://sdk-api.agb.cloud/")]
    [InlineData("  host.example:8443 ", "https://host.example:8443/")]
    [InlineData("http://127.0.0.1:8765", "http://127.0.0.1:8765/")]
    [InlineData("https://h/p", "https://h/p")]
    [InlineData("https://h/p/", "https://h/p")]
    [InlineData("h/p//", "https://h/p")]
    [InlineData("HTTP://h", "http://h/")]
    public void Endpoints_are_read_as_the_SDKs_do(string text, string address) => AgbEndpoint.Parse(text).AbsoluteUri.ShouldBe(address);

    [Theory]
    [InlineData("", "empty")]
    [InlineData("  ", "empty")]
    [InlineData(null, "empty")]
    [InlineData("ftp://h", "ftp://h")]
    [InlineData("http://", "http://")]
    [InlineData("https://h?x=1", "'?'")]
    [InlineData("https://h#x", "'#'")]
    [InlineData("a b", "a b")]
    public void Others_are_refused_by_name(string? text, string mentioned)
    {
        var error = Should.Throw<AgbException>(() => AgbEndpoint.Parse(text, "endpoint in X"));
        error.ErrorId.ShouldBe(AgbErrorIds.InvalidSetting);
        error.Message.ShouldContain("endpoint in X");
        error.Message.ShouldContain(mentioned);
    }

    [Fact]
    public void A_password_in_an_endpoint_is_refused_and_not_repeated()
    {
        var error = Should.Throw<AgbException>(() => AgbEndpoint.Parse("https://user:hunter2@h"));
        error.ErrorId.ShouldBe(AgbErrorIds.InvalidSetting);
        error.ToString().ShouldNotContain("hunter2");
    }
}
