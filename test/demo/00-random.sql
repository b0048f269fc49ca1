-- test/demo/00-random.sql: random numbers that one seed decides.
-- demo.rnd(salt, n) is a hash, not a stream: the same question always has the
-- same answer, whatever order rows are asked in.
CREATE SCHEMA demo;

CREATE TABLE demo.seed (seed bigint NOT NULL);
INSERT INTO demo.seed VALUES (:seed);

-- the seed stands in the body so that the function can be inlined
CREATE FUNCTION demo.rnd(salt text, n bigint) RETURNS float8
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ((hashtextextended(salt || ':' || n, :seed) >> 11) & 9007199254740991)::float8 / 9007199254740992;
COMMENT ON FUNCTION demo.rnd(text, bigint) IS 'In [0,1), decided by salt, n and the seed.';

CREATE FUNCTION demo.pick(choices text[], salt text, n bigint) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN choices[1 + floor(demo.rnd(salt, n) * cardinality(choices))::integer];
COMMENT ON FUNCTION demo.pick(text[], text, bigint) IS 'One of several texts.';

-- plpgsql keeps the long arrays as constants of the plan
CREATE FUNCTION demo.person_name(salt text, n bigint) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    RETURN demo.pick('{王,李,张,刘,陈,杨,赵,黄,周,吴,徐,孙,胡,朱,高,林,何,郭,马,罗,梁,宋,郑,谢,韩,唐,冯,于,董,萧,程,曹,袁,邓,许,傅,沈,曾,彭,吕}', salt || ' surname', n)
        || demo.pick('{伟,芳,秀英,敏,静,丽,强,磊,军,洋,勇,艳,杰,娟,涛,明,超,秀兰,霞,平,刚,桂英,建国,建华,志强,海燕,玉兰,红梅,文博,子轩,雨桐,欣怡,浩然,宇航,思远,晓东,立新,春梅,国庆,凤英}', salt || ' given', n);
END
$$;
COMMENT ON FUNCTION demo.person_name(text, bigint) IS 'A Chinese name; nobody in particular.';
