namespace Agb.Cloud.Tests;

public sealed class AgbEndpointTests
{
    [Fact]
    public void The_default_is_the_cloud() => AgbEndpoint.Default.ShouldBe("sdk-api.agb.cloud");
}
