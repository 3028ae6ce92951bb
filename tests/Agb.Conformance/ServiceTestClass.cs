using Xunit.Sdk;
using Xunit.v3;

namespace Agb.Conformance;

/// <summary>A class of tests on one service. The service ends its name and is its trait "Service".</summary>
public sealed class ServiceTestClass : XunitTestClass, IXunitTestClass, IXunitSerializable
{
    private Services _service;

    /// <summary>For deserialization.</summary>
    [Obsolete("For deserialization alone.")]
    public ServiceTestClass()
    {
    }

    private ServiceTestClass(Type type, ServiceAttribute service, IXunitTestCollection collection, string name)
        : base(type, collection, UniqueIDGenerator.ForTestClass(collection.UniqueID, name)) =>
        (_service, Fixture) = (service.Service, service.Fixture);

    /// <summary>The fixture that opens the service.</summary>
    public Type Fixture { get; private set; } = typeof(ServiceFixture);

    IReadOnlyCollection<Type> IXunitTestClass.ClassFixtureTypes => [.. ClassFixtureTypes, Fixture];

    string ITestClassMetadata.TestClassName => NameOf(Class, _service);

    string ITestClassMetadata.TestClassSimpleName => $"{TestClassSimpleName}.{_service}";

    IReadOnlyDictionary<string, IReadOnlyCollection<string>> ITestClassMetadata.Traits =>
        new Dictionary<string, IReadOnlyCollection<string>>(Traits) { ["Service"] = [_service.ToString()] };

    /// <summary>The name of a class on a service.</summary>
    public static string NameOf(Type type, Services service) => $"{type.FullName}.{service}";

    /// <summary>Makes the class with a collection of its own.</summary>
    internal static ServiceTestClass Of(Type type, ServiceAttribute service, IXunitTestAssembly assembly)
    {
        var name = NameOf(type, service.Service);
        return new(type, service, new XunitTestCollection(assembly, null, disableParallelization: false, name), name);
    }

    void IXunitSerializable.Deserialize(IXunitSerializationInfo info)
    {
        Deserialize(info);
        _service = info.GetValue<Services>("service");
        Fixture = info.GetValue<Type>("fixture")!;
    }

    void IXunitSerializable.Serialize(IXunitSerializationInfo info)
    {
        Serialize(info);
        info.AddValue("service", _service);
        info.AddValue("fixture", Fixture);
    }
}
